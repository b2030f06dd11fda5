import { Test, type TestingModule } from '@nestjs/testing';
import { DokStampHttpService, DokStampModule } from 'nestjs-dokstamp';
import { DokStampSandbox } from 'nestjs-dokstamp/testing';
import { of } from 'rxjs';
import { StudentsService } from './registrar.js';

describe('StudentsService', () => {
  let sandbox: DokStampSandbox;
  let app: TestingModule;

  beforeAll(async () => {
    sandbox = await DokStampSandbox.start();
    const { url: baseURL, credentials, tenant } = sandbox;
    const imports = [DokStampModule.forRoot({ baseURL, ...credentials, tenant })];
    app = await Test.createTestingModule({ imports, providers: [StudentsService] }).compile();
    await app.init();
  });

  afterAll(async () => {
    await app.close();
    await sandbox.stop();
  });

  it('lists the students of the sandbox, across a revoked token', async () => {
    const students = app.get(StudentsService);
    await students.add('Ana');
    sandbox.revokeTokens();
    expect(await students.names()).toEqual(['Ana']);
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('lists the students of a double', async () => {
    const get = () => of({ data: { data: [{ name: 'Rui' }] } });
    const double = { provide: DokStampHttpService, useValue: { get } };
    const testing = await Test.createTestingModule({
      providers: [StudentsService, double],
    }).compile();
    expect(await testing.get(StudentsService).names()).toEqual(['Rui']);
  });
});
