import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { deferred } from './deferred.js';
import { ROOT } from './repository.js';
import { waitUntil } from './time.js';

/** The built command. */
export const BIN = `${ROOT}dist/esm/cli/main.js`;

type Environment = Readonly<Record<string, string>>;

/** What a command has written, and its exit code. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the command finds out about its standard output. The default is a pipe. */
export interface Terminal {
  readonly isTTY: true;
  readonly hasColors: () => boolean;
}

/** Standard output or standard error of a command that runs in this process. */
class Output extends Writable {
  text = '';

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A command that runs in this process. */
export class RunningCommand {
  static #runs = 0;

  readonly stdout: Output;
  readonly stderr = new Output();
  readonly ended: Promise<CommandResult>;

  private constructor(args: readonly string[], env: Environment, terminal: Terminal | undefined) {
    this.stdout = Object.assign(new Output(), terminal);
    const exit = deferred<number>();
    const undo = [
      replaceProperties(process, {
        argv: [process.execPath, 'nestjs-dokstamp', ...args],
        stdout: this.stdout,
        stderr: this.stderr,
        exit: exit.resolve,
      }),
      replaceEnvironment(env),
    ];
    this.ended = exit.promise.then((code) => {
      for (const restore of undo) restore();
      return { code, stdout: this.stdout.text, stderr: this.stderr.text };
    });
  }

  /** Starts it. Only one can run at a time, because it uses `process` as a process of its own does. */
  static async start(
    args: readonly string[],
    env: Environment = {},
    terminal?: Terminal,
  ): Promise<RunningCommand> {
    const command = new RunningCommand(args, env, terminal);
    // The module is the bin: it runs when it is evaluated, and each query is evaluated once.
    await import(`${ROOT}lib/cli/main.ts?run=${++this.#runs}`);
    return command;
  }

  /** The lines on standard output, as soon as one contains the text. */
  async linesUntil(text: string): Promise<string[]> {
    await waitUntil(() => this.#lines().some((line) => line.includes(text)));
    return this.#lines();
  }

  #lines(): string[] {
    return this.stdout.text.split('\n').slice(0, -1);
  }

  /** Closes standard output, as a reader of a pipe does. */
  closeOutput(): void {
    this.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  }
}

/** Runs the command in this process, until it exits. */
export async function runCommand(
  args: readonly string[],
  env?: Environment,
  terminal?: Terminal,
): Promise<CommandResult> {
  return (await RunningCommand.start(args, env, terminal)).ended;
}

/** Starts the built command as a process of its own, with nothing from this environment. */
export function spawnCommand(
  args: readonly string[],
  env: Environment = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [BIN, ...args], { env });
}

/** What a process has written from now on until it ends. */
export async function resultOf(child: ChildProcess): Promise<CommandResult> {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => (written[name] += chunk.toString()));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...written };
}

function replaceProperties(object: object, properties: Record<string, unknown>): () => void {
  const before: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(object);
  const names = Object.keys(properties);
  for (const name of names) {
    Object.defineProperty(object, name, {
      value: properties[name],
      configurable: true,
      writable: true,
      enumerable: true,
    });
  }
  return () => {
    for (const name of names) Object.defineProperty(object, name, before[name] ?? {});
  };
}

// `process.env` itself stays, because `process.loadEnvFile` writes to the environment behind it.
function replaceEnvironment(env: Environment): () => void {
  const before = { ...process.env };
  const set = (variables: NodeJS.ProcessEnv) => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, variables);
  };
  set(env);
  return () => set(before);
}
