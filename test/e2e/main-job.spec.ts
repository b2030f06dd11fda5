import { Interval, ScheduleModule } from '@nestjs/schedule';
import { Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampModule, type TokenEvent } from '../../lib/index.js';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { boot, bootAccount, optionsFor } from '../support/app.js';
import { load } from '../support/load.js';
import { pass, stopTime, until } from '../support/token-harness.js';

let sandbox: DokStampSandbox;

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await sandbox.stop();
});

async function ticksOfAnInterval(imports: ModuleMetadata['imports'] = []): Promise<number> {
  let count = 0;
  @Injectable()
  class Ticker {
    @Interval(1_000)
    tick(): void {
      count++;
    }
  }
  @Module({ imports: [ScheduleModule.forRoot()], providers: [Ticker] })
  class HostModule {}
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await using app = await boot({ imports: [HostModule, ...imports] });
  void app;
  await vi.advanceTimersByTimeAsync(10_000);
  vi.useRealTimers();
  return count;
}

describe('the main job', () => {
  it('issues, lists, downloads and revokes a certificate', async () => {
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
    const download = await axiosRef.get<string>(`/files/${file_uuid}/download`, {
      responseType: 'text',
    });
    expect(download.data).toBe('%PDF-1.4');
    const revoked = await axiosRef.put<{ data: { status: string } }>(
      `/certificates/${certificate}/revoke`,
    );
    expect(revoked.data.data.status).toBe('revoked');
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('makes one token request at a cold start with 500 concurrent calls', async () => {
    await using account = await bootAccount({ ...optionsFor(sandbox), startup: 'lazy' });
    const calls = Array.from({ length: 500 }, () => account.http.axiosRef.get('/certificates'));
    const answers = await Promise.all(calls);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('renews a token of 10 s about 2 to 3 s before its end while 32 callers run, and none of them waits', async () => {
    stopTime();
    sandbox.expireIn(10);
    await using account = await bootAccount(optionsFor(sandbox));
    await account.tokens.getToken();
    const events: TokenEvent[] = [];
    account.tokens.events$.subscribe((event) => events.push(event));
    sandbox.tokenEndpoint.delay(1_000);
    const call32 = () =>
      Promise.all(Array.from({ length: 32 }, () => account.http.axiosRef.get('/certificates')));
    for (let at = 0; at < 7_900; at += 790) {
      await call32();
      await pass(790);
    }
    expect(sandbox.tokenRequests).toBe(1);
    await pass(200);
    await until(() => sandbox.tokenRequests === 2);
    // The renewal is under way and time stands: whoever waited for it would wait for ever.
    await call32();
    expect(events).toEqual([]);
    await pass(1_000);
    await until(() => events.length === 1);
    await call32();
    expect(sandbox.requests.every(({ status }) => status === 200)).toBe(true);
    expect(events[0]).toMatchObject({ type: 'issued', reason: 'scheduled' });
  });

  it('fails no call after revokeTokens() under load', async () => {
    await using account = await bootAccount(optionsFor(sandbox));
    await using running = load(() => account.http.axiosRef.get('/certificates'));
    for (let revocation = 1; revocation <= 3; revocation++) {
      const before = sandbox.requests.length;
      await until(() => sandbox.requests.length > before + 200);
      sandbox.revokeTokens();
      await until(() => sandbox.tokenRequests === 1 + revocation);
    }
    const { calls, failures } = await running.stop();
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(500);
    expect(sandbox.tokenRequests).toBe(4);
  });

  it('fails no call after rotateCredentials() when the credentials function returns the new pair', async () => {
    const credentials = () => sandbox.credentials;
    await using account = await bootAccount({
      baseURL: sandbox.url,
      tenant: sandbox.tenant,
      credentials,
    });
    await using running = load(() => account.http.axiosRef.get('/certificates'));
    await until(() => sandbox.requests.length > 200);
    sandbox.rotateCredentials();
    await until(() => sandbox.tokenRequests === 2);
    const { failures } = await running.stop();
    expect(failures).toEqual([]);
  });

  it('fails calls with invalid_client after rotateCredentials() with the old pair', async () => {
    await using account = await bootAccount(optionsFor(sandbox));
    await account.http.axiosRef.get('/certificates');
    sandbox.rotateCredentials();
    const call = account.http.axiosRef.get('/certificates');
    await expect(call).rejects.toMatchObject({
      code: 'invalid_client',
      message: expect.stringContaining('Ask the account manager for a new pair'),
      cause: {
        isAxiosError: true,
        response: { status: 401, data: { message: 'Unauthenticated.' } },
      },
    });
    // The 401 may have been about the tenant: three in a row end the token, and then nothing is sent.
    const requests = sandbox.requests.length;
    for (let nth = 2; nth < 6; nth++) {
      await expect(account.http.axiosRef.get('/certificates')).rejects.toMatchObject({
        code: 'invalid_client',
      });
    }
    expect(sandbox.requests).toHaveLength(requests + 2);
  });

  it("lets the host's @Interval tick as often as without our module", async () => {
    const without = await ticksOfAnInterval();
    expect(without).toBe(10);
    expect(await ticksOfAnInterval([DokStampModule.forRoot(optionsFor(sandbox))])).toBe(without);
  });
});
