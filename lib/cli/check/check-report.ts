import { clearLine, cursorTo } from 'node:readline';
import { styleText } from 'node:util';
import type { CheckEvent } from './check.js';
import { STEPS, type StepResult } from './check-step.interface.js';

type Output = Pick<NodeJS.WriteStream, 'write'> & Partial<NodeJS.WriteStream>;

const MARKS = { ok: ['✓', 'green'], failed: ['✗', 'red'], skipped: ['-', 'gray'] } as const;

/** Writes each step as it goes: with colour on a terminal, plain in a pipe. @returns whether all works */
export async function writeAsText(
  events: AsyncIterable<CheckEvent>,
  output: Output,
): Promise<boolean> {
  const results: StepResult[] = [];
  for await (const event of events) {
    if ('begun' in event) {
      if (output.isTTY) output.write(`… ${STEPS[event.begun]}`);
      continue;
    }
    if (output.isTTY) {
      clearLine(output as NodeJS.WriteStream, 0);
      cursorTo(output as NodeJS.WriteStream, 0);
    }
    results.push(event);
    output.write(asText(event, output.hasColors?.() ?? false));
  }
  const failures = results.filter(({ status }) => status === 'failed').length;
  const worked = isWorking(results);
  output.write(worked ? '\nAll works.\n' : `\n${failures} of ${results.length} steps failed.\n`);
  return worked;
}

/** Writes one JSON object for machines. @returns whether all works */
export async function writeAsJson(
  events: AsyncIterable<CheckEvent>,
  output: Output,
): Promise<boolean> {
  const steps: StepResult[] = [];
  for await (const event of events) if ('step' in event) steps.push(event);
  const works = isWorking(steps);
  output.write(`${JSON.stringify({ ok: works, steps }, undefined, 2)}\n`);
  return works;
}

function isWorking(results: readonly StepResult[]): boolean {
  return results.every(({ status }) => status !== 'failed');
}

function asText({ step, status, message, next }: StepResult, inColour: boolean): string {
  const [mark, colour] = MARKS[status];
  const line = `${inColour ? styleText(colour, mark, { validateStream: false }) : mark} ${STEPS[step]}: ${message}\n`;
  return next === undefined ? line : `${line}  → ${next}\n`;
}
