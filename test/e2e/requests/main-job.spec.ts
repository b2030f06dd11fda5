import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { bootAccount, optionsFor } from '../../support/app.js';
import { rejectionOf } from '../../support/stub-account.js';

let sandbox: DokStampSandbox;

beforeAll(async () => {
  sandbox = await DokStampSandbox.start();
});

afterAll(() => sandbox.stop());

describe('an app', () => {
  it('issues, lists, downloads and revokes a certificate with one token', async () => {
    await using account = await bootAccount(optionsFor(sandbox));
    const { axiosRef } = account.http;
    const create = async (path: string, data: object) =>
      (await axiosRef.post<{ data: { uuid: string } }>(path, data)).data.data.uuid;
    const institution_uuid = await create('/institutions', { name: 'Uni', country: 'PT' });
    const course_uuid = await create('/courses', { name: 'Law', institution_uuid });
    const person = { name: 'Ana', email: 'ana@example.org', date_of_birth: '2000-01-31' };
    const student_uuid = await create('/students', person);
    const form = new FormData();
    form.append('files[]', new Blob(['%PDF-1.4'], { type: 'application/pdf' }), 'diploma.pdf');
    const upload = await axiosRef.post<{ data: { uuid: string }[] }>('/files', form);
    const file_uuid = upload.data.data[0]?.uuid;
    const body = { institution_uuid, course_uuid, student_uuid, file_uuid, finish: true };
    const certificate = await create('/certificates', body);
    const params = { where: { status: 'issued' }, sort: { column: 'issued_at', order: 'desc' } };
    const list = await axiosRef.get<{ data: { uuid: string }[] }>('/certificates', { params });
    expect(list.data.data.map(({ uuid }) => uuid)).toEqual([certificate]);
    const path = `/files/${file_uuid}/download`;
    const download = await axiosRef.get<string>(path, { responseType: 'text' });
    expect(download.data).toBe('%PDF-1.4');
    const revoked = await axiosRef.put<{ data: { status: string } }>(
      `/certificates/${certificate}/revoke`,
    );
    expect(revoked.data.data.status).toBe('revoked');
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('continues after the credentials were rotated if its function returns the new ones', async () => {
    const { url: baseURL, tenant } = sandbox;
    const credentials = () => sandbox.credentials;
    await using account = await bootAccount({ baseURL, tenant, credentials });
    const { axiosRef } = account.http;
    await axiosRef.get('/certificates');
    const before = sandbox.tokenRequests;
    sandbox.rotateCredentials();
    const calls = Array.from({ length: 8 }, () => axiosRef.get('/certificates'));
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(sandbox.tokenRequests).toBe(before + 1);
  });

  it('gets invalid_client after the credentials were rotated if it has the old ones', async () => {
    await using account = await bootAccount(optionsFor(sandbox));
    const call = () => account.http.axiosRef.get('/certificates');
    await call();
    sandbox.rotateCredentials();
    expect(await rejectionOf(call())).toMatchObject({
      code: 'invalid_client',
      message: expect.stringContaining('account manager'),
      cause: {
        isAxiosError: true,
        response: { status: 401, data: { message: 'Unauthenticated.' } },
      },
    });
    // The tenant may be the reason of a 401, so the token is sent until three answers in a row were 401.
    const before = sandbox.requests.length;
    for (let nth = 2; nth < 6; nth++) {
      expect(await rejectionOf(call())).toMatchObject({ code: 'invalid_client' });
    }
    expect(sandbox.requests).toHaveLength(before + 2);
  });
});
