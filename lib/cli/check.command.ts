import { check } from './check/check.js';
import { writeAsJson, writeAsText } from './check/check-report.js';
import { UsageError } from './command-line.js';

/** `nestjs-dokstamp check`. @returns the exit code @throws {UsageError} for an env file that cannot be read */
export async function runCheck(envFile: string | undefined, json: boolean): Promise<number> {
  if (envFile !== undefined) load(envFile);
  const write = json ? writeAsJson : writeAsText;
  return (await write(check(), process.stdout)) ? 0 : 1;
}

// What is set already stays, even where it is blank, as with ConfigModule: the app would find it so.
function load(envFile: string): void {
  try {
    process.loadEnvFile(envFile);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`The file that --env-file names cannot be read (${code}).`);
  }
}
