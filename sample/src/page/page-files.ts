import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';

/** The folder of the page. */
export const PAGE = new URL('../../page/', import.meta.url);

const UPLOT = dirname(fileURLToPath(import.meta.resolve('uplot')));

/** Serves what the page is made of, and lets it load nothing from elsewhere. */
export function servePageFiles(app: NestExpressApplication): void {
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          connectSrc: ["'self'"],
          imgSrc: ["'self'"],
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      // It is plain HTTP, on this machine.
      strictTransportSecurity: false,
    }),
  );
  const options = { index: false, redirect: false };
  app.useStaticAssets(fileURLToPath(PAGE), { ...options, prefix: '/page/' });
  app.useStaticAssets(UPLOT, { ...options, prefix: '/page/uplot/' });
}
