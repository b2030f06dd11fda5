import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isDokStampError } from '../../lib/index.js';
import { repositoryText } from '../support/repository.js';
import { accountsProducers } from '../support/troubleshooting/accounts.js';
import { bootProducers } from '../support/troubleshooting/boot.js';
import { callProducers } from '../support/troubleshooting/call.js';
import { logProducers } from '../support/troubleshooting/log.js';
import { messagesOfLib } from '../support/troubleshooting/messages-of-lib.js';
import { JEST_ENTRY, correction, troubleshootingPage } from '../support/troubleshooting/page.js';
import type { Produced, Producers } from '../support/troubleshooting/produced.js';
import { tokenProducers } from '../support/troubleshooting/token.js';

const producers: Producers = {
  ...bootProducers,
  ...tokenProducers,
  ...callProducers,
  ...logProducers,
  ...accountsProducers,
};

// Nothing that is thrown there is of a kind that it does not know; it is told if that ever happens.
const NEVER_SEEN = [
  'The token request failed for an unknown reason.',
  // A script for Redis.
  "return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('del', KEYS[1]) or 0",
];

const { opening, entries } = await troubleshootingPage();
// The other one is compared by test/packaging/troubleshooting.matrix.ts.
const here = entries.filter(({ heading }) => heading !== JEST_ENTRY);

beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('DOKSTAMP_')) vi.stubEnv(name, undefined);
  }
});

afterEach(() => vi.unstubAllEnvs());

const each = (produced: Produced) => (Array.isArray(produced) ? produced : [produced]).flat();

describe('docs/troubleshooting.md', () => {
  it('has an entry for each producer, and a producer for each entry', () => {
    const headings = here.map(({ heading }) => heading);
    expect(headings.toSorted()).toEqual(Object.keys(producers).toSorted());
  });

  it('lists each entry once at its top, in the order of the entries', () => {
    const listed = [...opening.matchAll(/^- \[(.+?)\]\(#/gm)].map(([, heading]) => heading);
    expect(listed).toEqual(entries.map(({ heading }) => heading));
  });

  it.each(entries)('says why and what to do: $heading', ({ blocks, text }) => {
    expect(blocks.length).toBeGreaterThan(0);
    expect(text).toMatch(/\n\*\*Why\.\*\* [^]+\n\*\*What to do\.\*\* /);
  });

  it('has an entry for each error code', () => {
    const source = repositoryText('lib/errors/dokstamp.error.ts');
    const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(12);
    const told = entries.flatMap(({ text }) => [...text.matchAll(/Code `(\w+)`/g)]);
    expect(new Set(told.map(([, code]) => code))).toEqual(new Set(codes));
  });

  it('has every message of lib', () => {
    const page = entries.map(({ text }) => text.replace(/\s+/g, ' ')).join('\n');
    const missing = messagesOfLib().filter(
      ({ text, pieces }) =>
        !NEVER_SEEN.includes(text) && !pieces.every((piece) => page.includes(piece)),
    );
    expect(missing.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
  });

  it.each(here)('says what is printed: $heading', async (entry) => {
    const produced = (await producers[entry.heading]?.()) ?? [];
    expect(produced).toHaveLength(entry.blocks.length);
    for (const [nth, block] of entry.blocks.entries()) {
      const all = each(produced[nth] ?? '');
      expect(all).not.toEqual([]);
      for (const one of all) {
        const printed = one instanceof Error ? one.message : one;
        expect.soft(correction(entry, block, printed), 'the page').toBeUndefined();
        if (isDokStampError(one)) expect.soft(entry.text).toContain(`Code \`${one.code}\``);
      }
    }
  });
});

describe('the comparison with the page', () => {
  const block = { text: 'It failed (…) at … .\n…', line: 7 };
  const entry = { heading: 'It fails', blocks: [block], text: '' };

  it('lets anything stand for what differs from case to case', () => {
    expect(correction(entry, block, 'It failed (E1) at noon .\nAnd more.')).toBeUndefined();
  });

  it.each([
    'It failed at noon .\nAnd more.',
    'It failed () at noon .\nAnd more.',
    'It failed (E1) at noon .',
    'Then: It failed (E1) at noon .\nAnd more.',
  ])('says what has to be corrected where this is printed: %j', (printed) => {
    const text = correction(entry, block, printed);
    expect(text).toContain('docs/troubleshooting.md:7, under "It fails", does not say');
    expect(text).toContain(`This is printed:\n    ${printed.replace('\n', '\n    ')}`);
  });
});
