'use strict';

/**
 * The main job of an app: it uploads a diploma and issues a certificate for it, although the token is revoked between the
 * two. The caller passes the modules, imported or required.
 */
exports.mainJob = async ({ NestFactory, DokStampModule, DokStampHttpService, DokStampSandbox }) => {
  const sandbox = await DokStampSandbox.start();
  const { url: baseURL, credentials, tenant } = sandbox;
  const account = DokStampModule.forRoot({ baseURL, ...credentials, tenant });
  const app = await NestFactory.createApplicationContext(account, { logger: ['error', 'warn'] });
  try {
    const { axiosRef: api } = app.get(DokStampHttpService);
    const create = async (path, body) => (await api.post(path, body)).data.data;

    const form = new FormData();
    form.append('files[]', new Blob(['%PDF-1.4'], { type: 'application/pdf' }), 'diploma.pdf');
    const [file] = await create('/files', form);
    const institution = await create('/institutions', { name: 'University', country: 'PT' });
    const course = await create('/courses', { name: 'Law', institution_uuid: institution.uuid });

    sandbox.revokeTokens();
    const student = await create('/students', {
      name: 'Ana',
      email: 'ana@example.org',
      date_of_birth: '2000-01-31',
    });
    const certificate = await create('/certificates', {
      institution_uuid: institution.uuid,
      course_uuid: course.uuid,
      student_uuid: student.uuid,
      file_uuid: file.uuid,
      finish: true,
    });
    return { status: certificate.status, tokenRequests: sandbox.tokenRequests };
  } finally {
    await app.close();
    await sandbox.stop();
  }
};
