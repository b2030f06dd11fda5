// How long another file is waited for, while reads of a file that does not answer are under way.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const folder = mkdtempSync(join(tmpdir(), 'mounted-'));
const pipe = join(folder, 'secret');
execFileSync('mkfifo', [pipe]);

for (const reads of [1, 3, 4]) {
  const hanging = Array.from({ length: reads }, () => readFile(pipe));
  const answered = await Promise.race([stat(folder).then(() => true), setTimeout(2_000, false)]);
  console.log(
    `${reads} under way: another file ${answered ? 'answers' : 'does not answer in 2 s'}`,
  );
  // A writer that comes and goes ends those that have begun to open it by then.
  let left = true;
  const over = Promise.allSettled(hanging).then(() => (left = false));
  while (left) {
    closeSync(openSync(pipe, constants.O_RDWR));
    await setTimeout(20);
  }
  await over;
}
rmSync(folder, { recursive: true });
