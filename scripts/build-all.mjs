// Builds the package and the sample: some twenty seconds, so on a terminal it shows what it does and for how long. What
// the compilers say is told where a build fails.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import ora from 'ora';

const BUILDS = [
  ['the package', 'npm run --silent build'],
  ['the sample', 'npm run --silent build --workspace sample'],
];
// A terminal that does not know its width would have it draw for ever.
const isEnabled = process.stderr.isTTY && process.stderr.columns > 0 && !process.env.CI;
const cwd = fileURLToPath(new URL('..', import.meta.url));

for (const [what, command] of BUILDS) {
  const startedAt = performance.now();
  const seconds = () => `${Math.round((performance.now() - startedAt) / 1_000)} s`;
  const text = `building ${what}`;
  const spinner = ora({ text, isEnabled, discardStdin: false }).start();
  const ticking = setInterval(() => {
    if (spinner.isSpinning) spinner.text = `${text}, ${seconds()}`;
  }, 1_000);
  const child = spawn(command, { cwd, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
  const [code] = await once(child, 'close');
  clearInterval(ticking);
  if (code !== 0) {
    spinner.fail();
    process.stderr.write(Buffer.concat(said));
    process.exit(1);
  }
  spinner.succeed(`built ${what} in ${seconds()}`);
}
