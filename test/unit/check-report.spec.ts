import { describe, expect, it } from 'vitest';
import type { CheckEvent } from '../../lib/cli/check/check.js';
import { writeAsText } from '../../lib/cli/check/check-report.js';

const EVENTS: readonly CheckEvent[] = [
  { begun: 'connection' },
  { step: 'connection', status: 'ok', message: 'it answers' },
  { step: 'secret', status: 'failed', message: 'it is refused', next: 'Ask for another.' },
  { step: 'tenant', status: 'skipped', message: 'not checked' },
];

/** What is written to an output of this kind. */
async function written(output: { isTTY?: boolean; hasColors?: () => boolean }): Promise<string> {
  let text = '';
  const write = (chunk: string) => {
    text += chunk;
    return true;
  };
  async function* events() {
    yield* EVENTS;
  }
  await writeAsText(events(), { ...output, write });
  return text;
}

describe('the report of nestjs-dokstamp check', () => {
  it('is plain in a pipe', async () => {
    expect(await written({})).toBe(
      '✓ Connection: it answers\n' +
        '✗ Client id and secret: it is refused\n  → Ask for another.\n' +
        '- Tenant: not checked\n\n1 of 3 steps failed.\n',
    );
  });

  it('shows the step that goes on, and colours, on a terminal', async () => {
    const text = await written({ isTTY: true, hasColors: () => true });
    expect(text).toMatch(/^… Connection/);
    expect(text).toContain('\u001b[2K');
    expect(text).toContain('\u001b[32m✓\u001b[39m Connection: it answers\n');
    expect(text).toContain('\u001b[31m✗\u001b[39m Client id and secret');
  });

  it('has no colours on a terminal that wants none', async () => {
    expect(await written({ isTTY: true, hasColors: () => false })).not.toContain('\u001b[3');
  });
});
