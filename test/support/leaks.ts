import { type InspectOptions, inspect } from 'node:util';
import { ConsoleLogger, type INestApplicationContext } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { pino, stdSerializers } from 'pino';
import { vi } from 'vitest';

const EVERYTHING: InspectOptions = {
  depth: null,
  showHidden: true,
  maxArrayLength: null,
  maxStringLength: null,
};

/** A way to print a value, and the text that it gives. */
export type View = readonly [way: string, text: string];

/** An error as apps print it, with its causes. `inspect` prints the causes itself. */
export function viewsOf(error: unknown): View[] {
  const chain: Error[] = [];
  for (let next = error; next instanceof Error && !chain.includes(next); next = next.cause) {
    chain.push(next);
  }
  return [
    ...chain.flatMap((link, nth): View[] => [
      [`message of cause ${nth}`, link.message],
      [`stack of cause ${nth}`, link.stack ?? ''],
      [`String() of cause ${nth}`, String(link)],
      [`JSON of cause ${nth}`, jsonOf(link)],
    ]),
    ['inspect', inspectionOf(error)],
  ];
}

/** An error as the loggers of Nest apps print it. */
export function loggerViewsOf(error: unknown): View[] {
  return [
    ["Nest's ConsoleLogger", loggedByNest(error, {})],
    ["Nest's ConsoleLogger as JSON", loggedByNest(error, { json: true })],
    ['pino', loggedByPino(error)],
  ];
}

/** The providers of an account, each with everything that it leads to. */
export function viewsOfApp(app: INestApplicationContext): View[] {
  return (
    [...app.get(ModulesContainer).values()]
      .filter(({ metatype }) => metatype.name.startsWith('DokStamp'))
      .flatMap(({ providers }) => [...providers.values()])
      // Leads to all modules of the app, which are 9 MB of text.
      .filter(({ name }) => name !== ModuleRef.name)
      .map(({ name, instance }) => [`provider ${String(name)}`, inspectionOf(instance)])
  );
}

/** Everything that `util.inspect` can show of a value. */
export function inspectionOf(value: unknown): string {
  return inspect(value, EVERYTHING);
}

/** The views that show one of the secrets, as it is, JSON-escaped or URL-encoded. */
export function leaksIn(views: View[], secrets: string[]): string[] {
  const spellings = secrets.flatMap(spellingsOf).map((text) => text.replace(/[^\w]/g, '\\$&'));
  const trace = new RegExp(spellings.join('|'));
  return views.flatMap(([way, text]) => {
    const [found] = trace.exec(text) ?? [];
    return found === undefined ? [] : [`${way} shows ${found}`];
  });
}

/** A secret as it is, JSON-escaped, and URL-encoded for a path and for a form. */
export function spellingsOf(secret: string): string[] {
  const quoted = JSON.stringify(secret).slice(1, -1);
  const form = new URLSearchParams({ s: secret }).toString().slice(2);
  return [...new Set([secret, quoted, encodeURIComponent(secret), form])];
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
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0),
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
