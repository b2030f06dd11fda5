import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
export const UNAUTHENTICATED = { success: false, message: 'Unauthenticated.' };
export const NOT_FOUND = { success: false, message: 'Resource not found.' };
export const INVALID_CLIENT = {
  error: 'invalid_client',
  error_description: 'Client authentication failed',
  message: 'Client authentication failed',
};

export interface TokenBody {
  readonly token_type: string;
  readonly expires_in: number;
  readonly access_token: string;
}

/** A resource as the API shows it. */
export interface Item {
  readonly uuid: string;
  readonly [field: string]: unknown;
}

/** The sandbox of the test that runs, and the headers of a client that has a token there. */
export let sandbox: DokStampSandbox;
export let headers: Record<string, string> = {};

/** Before each test: a sandbox. Returns its end: `beforeEach(startSandbox)`. */
export async function startSandbox(): Promise<() => Promise<void>> {
  const started = await DokStampSandbox.start();
  sandbox = started;
  headers = {};
  return () => started.stop();
}

/** Before each test: a sandbox, and a token that the functions of this file use. */
export async function startSandboxWithToken(): Promise<() => Promise<void>> {
  const stop = await startSandbox();
  await authenticate();
  return stop;
}

/** Requests a token, which later calls carry. */
export async function authenticate(): Promise<void> {
  const { access_token } = await issueToken();
  headers = { Authorization: `Bearer ${access_token}`, 'X-Tenant': sandbox.tenant };
}

export function requestToken(fields: Record<string, string> = {}, signal?: AbortSignal) {
  const { clientId, clientSecret } = sandbox.credentials;
  const form = { grant_type: 'client_credentials', client_id: clientId };
  const body = new URLSearchParams({ ...form, client_secret: clientSecret, ...fields });
  return fetch(`${sandbox.url}/oauth/token`, { method: 'POST', body, signal });
}

export async function issueToken(): Promise<TokenBody> {
  const token: TokenBody = JSON.parse(await (await requestToken()).text());
  return token;
}

/** A GET with this token and tenant, or without them. */
export function getWith(path: string, token?: string, tenant?: string): Promise<Response> {
  return fetch(sandbox.url + path, {
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(tenant !== undefined && { 'X-Tenant': tenant }),
    },
  });
}

/** Whether the sandbox accepts this token. */
export async function isAccepted(token: string): Promise<boolean> {
  return (await getWith('/auth/me', token)).status === 200;
}

/** Sends a request; a body that is not a string is sent as JSON. */
export function call(method: string, path: string, body?: unknown): Promise<Response> {
  const json = body === undefined ? undefined : { 'Content-Type': 'application/json' };
  return fetch(sandbox.url + path, {
    method,
    headers: { ...headers, ...json },
    body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
  });
}

export async function dataOf<T = Item>(response: Response): Promise<T> {
  const { data }: { data: T } = JSON.parse(await response.text());
  return data;
}

/** The `data` that a GET answers with. */
export async function get<T = Item>(path: string): Promise<T> {
  return dataOf(await call('GET', path));
}

export function list(path: string): Promise<Item[]> {
  return get(path);
}

export async function create(path: string, body: object): Promise<Item> {
  const response = await call('POST', path, body);
  expect(response.status).toBe(201);
  return dataOf(response);
}

/** The `errors` of an answer with 422. */
export async function errorsOf(response: Response): Promise<unknown> {
  expect(response.status).toBe(422);
  const body: { errors: unknown } = JSON.parse(await response.text());
  expect(body).toMatchObject({ success: false, message: 'The given data was invalid.' });
  return body.errors;
}

export function postFiles(body: FormData): Promise<Response> {
  return fetch(`${sandbox.url}/files`, { method: 'POST', headers, body });
}

export async function upload(...files: File[]): Promise<Item[]> {
  const body = new FormData();
  for (const file of files) body.append('files[]', file);
  const response = await postFiles(body);
  expect(response.status).toBe(201);
  return dataOf(response);
}

export function pdf(
  content: string | Buffer<ArrayBuffer> = randomBytes(8),
  name = 'diploma.pdf',
): File {
  return new File([content], name, { type: 'application/pdf' });
}

export const INSTITUTION = { name: 'University', country: 'BR' };
export const STUDENT = { name: 'Ana', email: 'ana@example.org', date_of_birth: '2000-01-31' };

export const KINDS = ['institutions', 'students', 'courses', 'files', 'certificates'] as const;

/** All that the sandbox stores, by kind. */
export async function everything(): Promise<Record<string, unknown>> {
  const lists = KINDS.map(async (kind) => [kind, await list(`/${kind}?per_page=999`)] as const);
  return Object.fromEntries(await Promise.all(lists));
}
