import type { INestApplicationContext, ModuleMetadata, Provider, Type } from '@nestjs/common';
import { vi } from 'vitest';
import { type DokStampHttpService, DokStampModule } from '../../lib/index.js';
import type { DokStampSandbox } from '../../lib/testing/index.js';
import { boot, optionsFor } from './app.js';

type Axios = DokStampHttpService['axiosRef'];

/** Lets the environment lead to this sandbox, until `vi.unstubAllEnvs()`. */
export function environmentOf({ url, credentials, tenant }: DokStampSandbox, more: object = {}) {
  const variables = {
    DOKSTAMP_BASE_URL: url,
    DOKSTAMP_CLIENT_ID: credentials.clientId,
    DOKSTAMP_CLIENT_SECRET: credentials.clientSecret,
    DOKSTAMP_TENANT: tenant,
    ...more,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

/** Boots the module of a recipe as it stands. */
export function bootModule(module: NonNullable<ModuleMetadata['imports']>[number]) {
  return boot({ imports: [module] });
}

/** Boots an app that has an account at this sandbox and the class of a recipe. */
export async function bootProvider<T>(sandbox: DokStampSandbox, provider: Type<T> & Provider) {
  const account = DokStampModule.forRoot({ ...optionsFor(sandbox), startup: 'lazy' });
  const app: INestApplicationContext & AsyncDisposable = await boot({
    imports: [account],
    providers: [provider],
  });
  return Object.assign(app, { recipe: app.get<T>(provider) });
}

/** Requests of the API, without those for a token. */
export function callsOf(sandbox: DokStampSandbox): string[] {
  return sandbox.requests
    .filter(({ path }) => path !== '/oauth/token')
    .map(({ method, path }) => `${method} ${path.split('?')[0]}`);
}

/** An institution with a course, as DokStamp keeps them. */
export async function seedCourse(axiosRef: Axios) {
  const institution_uuid = await create(axiosRef, '/institutions', { name: 'Uni', country: 'PT' });
  const course_uuid = await create(axiosRef, '/courses', { name: 'Law', institution_uuid });
  return { institution_uuid, course_uuid };
}

/** A student. */
export function seedStudent(axiosRef: Axios, name: string): Promise<string> {
  const email = `${name}@example.org`;
  return create(axiosRef, '/students', { name, email, date_of_birth: '2000-01-01' });
}

/** A file that no certificate has yet. */
export async function seedFile(axiosRef: Axios, content: string): Promise<string> {
  const form = new FormData();
  form.append('files[]', new Blob([content]), 'diploma.pdf');
  const { data } = await axiosRef.post<{ data: [{ uuid: string }] }>('/files', form);
  return data.data[0].uuid;
}

/** A certificate of a student and a file of its own. */
export async function seedCertificate(
  axiosRef: Axios,
  course: Awaited<ReturnType<typeof seedCourse>>,
  name: string,
  finish = true,
): Promise<string> {
  const student_uuid = await seedStudent(axiosRef, name);
  const file_uuid = await seedFile(axiosRef, name);
  return create(axiosRef, '/certificates', { ...course, student_uuid, file_uuid, finish });
}

async function create(axiosRef: Axios, path: string, body: object): Promise<string> {
  const { data } = await axiosRef.post<{ data: { uuid: string } }>(path, body);
  return data.data.uuid;
}
