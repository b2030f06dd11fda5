import { OutsideApp } from './outside-app.js';

const TOOLCHAIN = ['typescript@6', '@types/node@20'];

/** The registrar: an app of a service, a controller and a module, with its tests, built as `nest new` sets it up. */
export async function installRegistrar(
  major: 11 | 12,
  peers: readonly string[],
  { manifest, tools }: { manifest?: object; tools: readonly string[] },
): Promise<OutsideApp> {
  const nest = ['platform-express', 'platform-fastify', 'testing'].map(
    (name) => `@nestjs/${name}@${major}`,
  );
  const dependencies = [...peers, ...nest, ...TOOLCHAIN, ...tools];
  const app = await OutsideApp.install({ files: ['registrar'], dependencies, manifest });
  await app.tool('typescript/bin/tsc');
  return app;
}
