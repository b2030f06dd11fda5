import { once } from 'node:events';
import { createServer } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { SetupError } from './failures/setup.error.js';

const DEFAULT_PORT = 3000;

// The endpoints ask for no login and issue real diplomas, so only this machine may call them.
const HOST = '127.0.0.1';

/** Listens on `PORT`. Without it on 3000 or, if that is taken, on any free port. */
export async function listen(app: INestApplication): Promise<string> {
  const { PORT } = process.env;
  const port = PORT ? Number(PORT) : await defaultPort();
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new SetupError(
      `PORT is "${PORT}": give a number from 0 to 65535, where 0 is any free port.`,
    );
  }
  await app.listen(port, HOST);
  return app.getUrl();
}

// Tried beforehand, since Nest logs a failed listen as an error, and here it is none.
async function defaultPort(): Promise<number> {
  const probe = createServer().listen(DEFAULT_PORT, HOST);
  try {
    await once(probe, 'listening');
  } catch {
    return 0;
  }
  probe.close();
  await once(probe, 'close');
  return DEFAULT_PORT;
}
