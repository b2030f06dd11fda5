import { spawnSync } from 'node:child_process';

/** Whether npm would install what is in this folder without a warning, such as EBADENGINE. It installs nothing. */
export function installsQuietly(env = {}, cwd = process.cwd()) {
  // The level is named since `npm run --silent` hands its own on.
  const options = ['--dry-run', '--no-audit', '--no-fund', '--loglevel=warn'];
  const surroundings = { cwd, encoding: 'utf8', env: { ...process.env, ...env } };
  const { status, stderr } = spawnSync('npm', ['ci', ...options], surroundings);
  const isQuiet = status === 0 && !/^npm (warn|error)/im.test(stderr);
  if (!isQuiet) console.error(stderr);
  return isQuiet;
}
