import { describe, expect, it } from 'vitest';
import { runCommand } from '../../support/command-line.js';

describe('nestjs-dokstamp, called wrongly', () => {
  it.each([
    [[], 'A command is missing'],
    [['chek'], 'no command "chek"'],
    [['check', '--wrong'], "Unknown option '--wrong'"],
    [['check', 'word'], 'a word too many'],
    [['check', '--env-file', 'no-such-file'], 'ENOENT'],
    [['--client-secret=hidden', 'sandbox'], 'does not begin with a command'],
    [['check', '--hidden_1'], 'a flag that it does not have'],
    [['check', "--a'hidden"], 'a flag that it does not have'],
    [['sandbox', '--client-secert=hidden'], "Unknown option '--client-secert'"],
    [['sandbox', '--tenant', 'a\nhidden'], '--tenant must have no control'],
    [['sandbox', '--tenant', ' '], '--tenant must not be blank'],
    [['sandbox', '--client-id', 'a\nhidden'], '--client-id must have no control'],
    [['sandbox', '--port', 'x'], '--port must be a number'],
    [['sandbox', '--port', '65536'], '--port must be 0 to 65535'],
    [['sandbox', '--expires-in', '0'], '--expires-in must be more than 0'],
  ])('exits with 2 and reports why: %j', async (args, why) => {
    const { code, stdout, stderr } = await runCommand(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr).not.toContain('hidden');
    expect(stderr).toContain('npx nestjs-dokstamp check');
  });
});

describe('nestjs-dokstamp --help', () => {
  it.each([['--help'], ['-h'], ['help'], ['check', '--help'], ['sandbox', '-h']])(
    'prints the usage and exits with 0: %s %s',
    async (...args) => {
      const { code, stdout } = await runCommand(args);
      expect(code).toBe(0);
      expect(stdout).toContain('npx nestjs-dokstamp check');
      expect(stdout).toContain('npx nestjs-dokstamp sandbox');
    },
  );
});
