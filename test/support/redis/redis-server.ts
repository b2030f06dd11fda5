import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isInstalled } from '../installed.js';

const run = promisify(execFile);

/** A server of our own: without persistence, on a free port of loopback. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  /** Its answer to a command, as `redis-cli` prints it. */
  cli(...command: string[]): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

interface StartOptions {
  port?: number;
  command?: string;
  /** The configuration of a Sentinel. */
  sentinel?: string;
}

/** The servers that are installed; Valkey where Debian has it. */
export const SERVERS = ['redis-server', 'valkey-server'].filter(isInstalled);

if (SERVERS.length === 0) {
  console.warn('\nNO REDIS: the tests against redis-server are SKIPPED; install redis-server.\n');
}

/** @param options of the command line, as `['--requirepass', 'x']` */
export async function startRedis(
  options: string[] = [],
  { port, sentinel, command = SERVERS[0] ?? 'redis-server' }: StartOptions = {},
): Promise<RedisServer> {
  const ownPort = port ?? (await freePort());
  const dir = await mkdtemp(join(tmpdir(), 'dokstamp-redis-'));
  const base = ['--port', String(ownPort), '--bind', '127.0.0.1', '--dir', dir];
  const memoryOnly = ['--save', '', '--appendonly', 'no'];
  const config = join(dir, 'sentinel.conf');
  if (sentinel) await writeFile(config, sentinel);
  const given = sentinel ? [config, ...base, '--sentinel'] : [...base, ...memoryOnly, ...options];
  const child = spawn(command, given, { stdio: 'ignore' });
  const cli = async (...args: string[]) =>
    (await run('redis-cli', ['-p', String(ownPort), ...args])).stdout.trim();
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(dir, { recursive: true, force: true });
  };
  // One that wants a password answers too.
  for (let tries = 0; !/PONG|NOAUTH/.test(await cli('ping').catch(() => '')); tries++) {
    if (tries === 200 || child.exitCode !== null) {
      await stop();
      throw new Error(`${command} does not start`);
    }
    await sleep(25);
  }
  return {
    port: ownPort,
    cli,
    signal: (signal) => void child.kill(signal),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A Cluster of three. */
export async function startCluster(): Promise<{ ports: number[] } & AsyncDisposable> {
  const nodes = await Promise.all(
    [1, 2, 3].map(async () =>
      startRedis(['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())]),
    ),
  );
  const ports = nodes.map(({ port }) => port);
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
  const isReady = async () =>
    (await Promise.all(nodes.map((node) => node.cli('cluster', 'info')))).every((info) =>
      info.includes('cluster_state:ok'),
    );
  while (!(await isReady())) await sleep(50);
  const stop = () => Promise.all(nodes.map((node) => node.stop())).then(() => {});
  return { ports, [Symbol.asyncDispose]: stop };
}

/** A primary that a Sentinel of its own tells about. */
export async function startSentinel(): Promise<{ port: number } & AsyncDisposable> {
  const primary = await startRedis();
  const monitored = `sentinel monitor primary 127.0.0.1 ${primary.port} 1\n`;
  const sentinel = await startRedis([], { sentinel: monitored });
  const stop = async () => {
    await sentinel.stop();
    await primary.stop();
  };
  return { port: sentinel.port, [Symbol.asyncDispose]: stop };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
