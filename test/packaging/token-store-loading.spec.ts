import { describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { run } from './support/command.js';
import { REPOSITORY } from './support/tarball.js';

/** The files of the package that an app has loaded after a call to the API. */
async function loadedBy(tokenStore: string): Promise<string[]> {
  await using sandbox = await DokStampSandbox.start();
  const account = { baseURL: sandbox.url, ...sandbox.credentials, tenant: sandbox.tenant };
  const script = `
    require('reflect-metadata');
    const { NestFactory } = require('@nestjs/core');
    const { DokStampModule, DokStampHttpService } = require('./dist/cjs/index.js');
    const tokenStore = ${tokenStore};
    class Host {}
    require('@nestjs/common').Module({
      imports: [DokStampModule.forRoot({ ...${JSON.stringify(account)}, tokenStore })],
    })(Host);
    (async () => {
      const app = await NestFactory.createApplicationContext(Host, { logger: false });
      await app.get(DokStampHttpService).axiosRef.get('/certificates');
      await app.close();
      console.log(Object.keys(require.cache).filter((file) => file.includes('dist/cjs')).join('\\n'));
      process.exit();
    })();`;
  const printed = await run(REPOSITORY, process.execPath, '-e', script);
  return printed.trim().split('\n');
}

describe('the code for a token store', () => {
  it('is loaded only by an app that has one', async () => {
    const methods = 'read: async () => {}, write: async () => {}, release: async () => {}';
    const [without, withStore] = await Promise.all([
      loadedBy('undefined'),
      loadedBy(`{ ${methods}, lease: async () => true }`),
    ]);
    expect(withStore).toEqual(expect.arrayContaining(without));
    expect(withStore.length).toBeGreaterThan(without.length);
  });
});
