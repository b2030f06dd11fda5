import { randomBytes, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  UNAUTHENTICATED,
  UUID,
  call,
  errorsOf,
  get,
  headers,
  list,
  pdf,
  postFiles,
  sandbox,
  startSandboxWithToken,
  upload,
} from '../../support/sandbox-client.js';

beforeEach(startSandboxWithToken);

describe('POST /files', () => {
  it('answers with an array in the order of the uploaded files', async () => {
    const data = await upload(
      pdf('one', 'a.pdf'),
      new File(['two'], 'b.png', { type: 'image/png' }),
    );
    const common = { uuid: expect.stringMatching(UUID), size: 3, used_at: null };
    expect(data).toEqual([
      { ...common, original_name: 'a.pdf', mime_type: 'application/pdf' },
      { ...common, original_name: 'b.png', mime_type: 'image/png' },
    ]);
  });

  it('answers with the earlier file if the content is the same', async () => {
    const [first, twin] = await upload(pdf('same', 'a.pdf'), pdf('same', 'b.pdf'));
    const [later] = await upload(pdf('same', 'c.pdf'));
    expect(twin).toEqual(first);
    expect(later).toEqual(first);
    expect(await list('/files')).toHaveLength(1);
  });

  it('answers 422 if there are no files under the name files[]', async () => {
    const required = { files: ['The files field is required.'] };
    expect(await errorsOf(await call('POST', '/files', {}))).toEqual(required);
    const misnamed = new FormData();
    misnamed.append('files', pdf());
    expect(await errorsOf(await postFiles(misnamed))).toEqual(required);
  });

  it('answers 422 if a part is text, and stores no other part', async () => {
    const text = new FormData();
    text.append('files[]', 'text');
    expect(await errorsOf(await postFiles(text))).toEqual({
      'files.0': ['The files.0 field must be a file.'],
    });
    text.set('files[]', pdf());
    text.append('files[]', 'text');
    expect(await errorsOf(await postFiles(text))).toEqual({
      'files.1': ['The files.1 field must be a file.'],
    });
    expect(await list('/files')).toEqual([]);
  });

  it('answers 400 to a multipart body that cannot be parsed', async () => {
    const type = { 'Content-Type': 'multipart/form-data; boundary=x' };
    const init = { method: 'POST', headers: { ...headers, ...type }, body: 'garbled' };
    expect((await fetch(`${sandbox.url}/files`, init)).status).toBe(400);
  });

  it('reads a large file to its end, whether the token is accepted or not', async () => {
    // More than the buffers of the sockets hold.
    const bytes = randomBytes(4 * 1024 * 1024);
    const [file] = await upload(pdf(bytes));
    expect(file?.['size']).toBe(bytes.length);
    const download = await fetch(`${sandbox.url}/files/${file?.uuid}/download`);
    expect(Buffer.from(await download.arrayBuffer()).equals(bytes)).toBe(true);

    sandbox.revokeTokens();
    const body = new FormData();
    body.append('files[]', pdf(bytes));
    const refused = await postFiles(body);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toEqual(UNAUTHENTICATED);
  });
});

describe('GET /files', () => {
  it('shows the metadata with a download link to the sandbox', async () => {
    const [file] = await upload(pdf('content', 'Diploma.PDF'));
    const path = `/files/${file?.uuid}`;
    const full = { ...file, extension: 'pdf', file: `${sandbox.url}${path}/download` };
    expect(await get(path)).toEqual(full);
    expect(await list('/files')).toEqual([full]);
  });

  it('downloads the same bytes without a token, with type and name', async () => {
    const bytes = randomBytes(1000);
    const [file] = await upload(pdf(bytes, 'Título "1".pdf'));
    const response = await fetch(`${sandbox.url}/files/${file?.uuid}/download`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="T_tulo _1_.pdf"; filename*=UTF-8''T%C3%ADtulo%20%221%22.pdf`,
    );
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('answers 404 to the uuid of a deleted file, an unknown and a malformed one', async () => {
    const [file] = await upload(pdf());
    expect((await call('DELETE', `/files/${file?.uuid}`)).status).toBe(204);
    for (const path of [`/files/${file?.uuid}`, `/files/${randomUUID()}`, '/files/malformed']) {
      expect((await call('GET', path)).status).toBe(404);
      expect((await call('GET', `${path}/download`)).status).toBe(404);
    }
  });
});
