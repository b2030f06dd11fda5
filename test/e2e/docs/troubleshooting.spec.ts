import { expect, it } from 'vitest';
import { codeBlocks } from '../../support/markdown.js';
import { repositoryText } from '../../support/repository.js';
import {
  countWords,
  templatesOfLib,
  withSingleSpaces,
} from '../../support/troubleshooting/messages-of-lib.js';
import { templateOf, unexplained } from '../../support/troubleshooting/unexplained.js';

const PAGE = 'docs/troubleshooting.md';

/** Messages of Nest, Node.js and Jest. */
const OF_OTHERS =
  /^(Nest can't resolve|Error \[ERR_REQUIRE_ESM\]|\{"statusCode":500,|Must use import|SyntaxError:)/;

/** What Nest's `ConsoleLogger` and uncaught errors put before a message. */
const PREFIX = /^(ERROR|WARN|DEBUG) \[\w+\] (\w*Error: )?/;

/** A name, a code or a number is filled in by more than one word at most once: `Error (ECONNREFUSED)`. */
const LONGEST_VALUE = 2;

it('docs/troubleshooting.md contains only messages that the library can produce', () => {
  const templates = templatesOfLib().map(templateOf);
  const blocks = codeBlocks(repositoryText(PAGE), 'text');
  const ours = blocks.filter(({ code }) => !OF_OTHERS.test(code));
  const unknown = ours.flatMap(({ code, line }) => {
    const message = withSingleSpaces(code).replace(PREFIX, '');
    const parts = unexplained(message, templates);
    return parts
      .filter((part) => countWords(part) > LONGEST_VALUE)
      .map((part) => `${PAGE}:${line}: ${part}`);
  });
  expect(unknown).toEqual([]);
  expect(ours.length).toBeGreaterThan(50);
});
