import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

/** The signatures of the public API of one entry point of an unpacked package, as one text. */
export async function apiReport(unpacked: string, declarations: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dokstamp-api-'));
  try {
    Extractor.invoke(configOf(unpacked, declarations, folder), {
      localBuild: true,
      messageCallback: (message) => {
        message.handled = true;
      },
    });
    return await readFile(join(folder, 'entry.api.md'), 'utf8');
  } finally {
    await rm(folder, { recursive: true });
  }
}

function configOf(unpacked: string, declarations: string, folder: string): ExtractorConfig {
  const none = { default: { logLevel: ExtractorLogLevel.None } };
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(unpacked, 'package.json'),
    configObject: {
      projectFolder: unpacked,
      mainEntryPointFilePath: join(unpacked, declarations),
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'ES2023',
            lib: ['ES2023', 'ESNext.Disposable'],
            module: 'nodenext',
            types: ['node'],
            strict: true,
            skipLibCheck: true,
          },
          files: [join(unpacked, declarations)],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: 'entry',
        reportFolder: folder,
        reportTempFolder: folder,
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: { extractorMessageReporting: none, tsdocMessageReporting: none },
    },
  });
}
