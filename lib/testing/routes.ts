import { randomUUID } from 'node:crypto';
import { certificates } from './certificates.js';
import { destroyBatch } from './destroy.js';
import { files } from './files.js';
import { json, notFound, unauthenticated } from './replies.js';
import { resource } from './plain-resources.js';
import type { ResourceKinds } from './resources/resource-kinds.js';
import { Route, type Access } from './route.js';
import type { SandboxAccount } from './sandbox-account.js';
import { answerTokenRequest, TOKEN_PATH } from './token-endpoint.js';

/**
 * The two documented answers to a missing `X-Tenant`. Which path gives which is not documented:
 * here certificates and files give 401, students, courses and institutions give 404. A tenant that
 * is not this account's is answered alike.
 */
const REFUSED: Access = { withoutTenant: unauthenticated };
const HIDDEN: Access = { withoutTenant: notFound };

/** Every path of the API, over what `kinds` stores. */
export function createRoutes(account: SandboxAccount, kinds: ResourceKinds): Route[] {
  const { store } = kinds;
  const file = files(kinds.files, store.files);
  const certificate = certificates(kinds.certificates, store.certificates);

  const plain = (name: 'institutions' | 'students' | 'courses') => {
    const methods = resource<object>(kinds[name], store[name]);
    return [
      new Route(`/${name}`, HIDDEN, methods.many),
      new Route(`/${name}/{uuid}`, HIDDEN, methods.one),
      new Route(`/${name}/batch/destroy`, HIDDEN, { DELETE: destroyBatch(store[name]) }),
    ];
  };

  return [
    new Route(TOKEN_PATH, 'public', { POST: (call) => answerTokenRequest(account, call) }),
    new Route('/auth/me', 'token', { GET: () => json(200, { data: serviceUser(account.tenant) }) }),
    new Route('/files', REFUSED, file.many),
    new Route('/files/{uuid}', REFUSED, file.one),
    new Route('/files/{uuid}/download', 'public', { GET: file.download }),
    new Route('/certificates', REFUSED, certificate.many),
    new Route('/certificates/{uuid}', REFUSED, certificate.one),
    new Route('/certificates/{uuid}/revoke', REFUSED, { PUT: certificate.revoke }),
    new Route('/certificates/batch/destroy', REFUSED, { DELETE: destroyBatch(store.certificates) }),
    ...plain('institutions'),
    ...plain('students'),
    ...plain('courses'),
  ];
}

const USER_UUID = randomUUID();
const TENANT_UUID = randomUUID();

function serviceUser(tenant: string): object {
  return {
    uuid: USER_UUID,
    name: 'Sandbox Service',
    email: 'service@sandbox.test',
    tenant: { uuid: TENANT_UUID, name: 'Sandbox University', domain: tenant },
  };
}
