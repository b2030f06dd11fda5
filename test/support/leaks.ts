import { type InspectOptions, inspect } from 'node:util';
import { ConsoleLogger, type INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { pino, stdSerializers } from 'pino';
import { vi } from 'vitest';

const EVERYTHING: InspectOptions = {
  depth: null,
  showHidden: true,
  maxArrayLength: null,
  maxStringLength: null,
};

/** What a way of looking shows. */
export type Sight = readonly [way: string, text: string];

/** Every way in which an error is usually looked at. */
export function sightsOf(error: unknown): Sight[] {
  const chain: Error[] = [];
  for (let next = error; next instanceof Error && !chain.includes(next); next = next.cause) {
    chain.push(next);
  }
  return [
    ...chain.flatMap((link, nth): Sight[] => [
      [`message of cause ${nth}`, link.message],
      [`stack of cause ${nth}`, link.stack ?? ''],
      [`String() of cause ${nth}`, String(link)],
      [`JSON of cause ${nth}`, jsonOf(link)],
      [`inspect of cause ${nth}`, inspect(link, EVERYTHING)],
    ]),
    ['JSON of its parts', jsonOf({ ...(error as object) })],
    ['inspect with proxies', inspect(error, { ...EVERYTHING, showProxy: true })],
    ['inspect with getters', inspect(error, { ...EVERYTHING, getters: true })],
    ["Nest's ConsoleLogger", loggedByNest(error, {})],
    ["Nest's ConsoleLogger as JSON", loggedByNest(error, { json: true })],
    ['pino', loggedByPino(error)],
  ];
}

/** What an app keeps of an account, each seen with all that can be reached from it. */
export function sightsOfApp(app: INestApplicationContext): Sight[] {
  return [...app.get(ModulesContainer).values()]
    .filter(({ metatype }) => metatype.name.startsWith('DokStamp'))
    .flatMap(({ providers }) => [...providers.values()])
    .map(({ name, instance }) => [`provider ${String(name)}`, inspectionOf(instance)]);
}

/** Everything that `util.inspect` can show of a value. */
export function inspectionOf(value: unknown): string {
  return inspect(value, EVERYTHING);
}

/** The ways of looking that show one of the secrets, plain, URL-encoded or in Base64. */
export function leaksIn(sights: Sight[], secrets: string[]): string[] {
  const traces = secrets.flatMap(spellings);
  return sights.flatMap(([way, text]) =>
    traces.filter((trace) => text.includes(trace)).map((trace) => `${way} shows ${trace}`),
  );
}

function spellings(secret: string): string[] {
  const inBase64 = ['', 'a', 'ab'].flatMap((before) =>
    (['base64', 'base64url'] as const).map((encoding) =>
      Buffer.from(before + secret)
        .toString(encoding)
        .replace(/=+$/, '')
        .slice(before ? 4 : 0, -1),
    ),
  );
  const form = new URLSearchParams({ s: secret }).toString().slice(2);
  const quoted = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, encodeURIComponent(secret), form, quoted, ...inBase64])];
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    // Circular: nothing is shown.
    return '';
  }
}

function loggedByNest(error: unknown, options: object): string {
  const written: string[] = [];
  const write = (chunk: unknown) => written.push(String(chunk)) > 0;
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(write as never),
  );
  const logger = new ConsoleLogger({ depth: 100, ...options });
  logger.error(error);
  logger.error('It failed.', (error as Error).stack, 'Context');
  logger.warn({ error });
  spies.forEach((spy) => spy.mockRestore());
  if (written.length === 0) throw new Error('The ConsoleLogger wrote nothing.');
  return written.join('');
}

function loggedByPino(error: unknown): string {
  const written: string[] = [];
  const sink = { write: (line: string) => void written.push(line) };
  const logger = pino(
    { serializers: { err: stdSerializers.err, error: stdSerializers.errWithCause } },
    sink,
  );
  logger.error(error);
  logger.error({ err: error, error });
  return written.join('');
}
