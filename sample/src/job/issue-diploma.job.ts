import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { DokStampSandbox } from 'nestjs-dokstamp/testing';
import type { Certificate, UploadedFile } from '../registrar/dokstamp.types.js';
import type { RegistrarClient } from './registrar.client.js';

const PDF = new URL('../../assets/diploma.pdf', import.meta.url);

interface TokenAnswer {
  expiresAt: string;
  nextRenewalAt: string;
}

/** The whole job once, through the app's own endpoints; tells each step in one line. */
export async function issueDiploma(
  app: RegistrarClient,
  say: (line: string) => void,
  sandbox: DokStampSandbox | undefined,
): Promise<void> {
  // Every run brings bytes of its own, since DokStamp takes a file for one certificate only.
  const pdf = Buffer.concat([await readFile(PDF), Buffer.from(`% ${new Date().toISOString()}\n`)]);
  const headers = { 'content-type': 'application/pdf' };
  const uploaded = await app.send('/files', { method: 'POST', headers, body: pdf });
  const file = (await uploaded.json()) as UploadedFile;

  const token = await app.json<TokenAnswer>('GET', '/token');
  say(`token obtained, valid until ${token.expiresAt}`);
  say(`next renewal at ${token.nextRenewalAt}`);
  say(`file uploaded: ${file.uuid} (${file.size} bytes)`);

  const certificate = await app.json<Certificate>('POST', '/certificates', {
    file_uuid: file.uuid,
    institution: { name: 'University of Sample', country: 'PT' },
    course: { name: 'Bachelor of Laws', code: 'LAW-1' },
    student: { name: 'Ana Sousa', email: 'ana.sousa@example.org', date_of_birth: '2001-04-25' },
  });
  assert.equal(certificate.status, 'issued');
  say(`certificate issued: verify at ${certificate.public_verification_url}`);

  const listed = await app.json<Certificate[]>(
    'GET',
    '/certificates?status=issued&sort=issued_at&order=desc',
  );
  assert.ok(
    listed.some(({ uuid }) => uuid === certificate.uuid),
    'the list lacks the new certificate',
  );
  say(`listed ${listed.length} issued, the newest is ${listed[0]?.uuid}`);

  const download = await app.send(`/files/${file.uuid}/download`);
  say(`downloaded ${(await download.arrayBuffer()).byteLength} bytes`);

  if (sandbox) {
    const before = sandbox.tokenRequests;
    sandbox.revokeTokens();
    await app.json('GET', '/certificates');
    assert.equal(
      sandbox.tokenRequests,
      before + 1,
      'no new token was fetched after the revocation',
    );
    say('a revoked token survived: renewed and replayed, and nobody noticed');
  }
  const path = `/certificates/${certificate.uuid}/revoke`;
  const revoked = await app.json<Certificate>('PUT', path, { reason: 'Issued by a sample.' });
  assert.equal(revoked.status, 'revoked');
  say(`certificate revoked: its status is ${revoked.status}`);
}
