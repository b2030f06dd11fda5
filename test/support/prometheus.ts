import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { isInstalled } from './installed.js';
import { freePort } from './redis/redis-server.js';

export const hasPrometheus = isInstalled('prometheus');

if (!hasPrometheus) {
  console.warn('\nNO PROMETHEUS: the tests with it are SKIPPED; install prometheus.\n');
}

/** A server that scrapes one app and evaluates rules, both once a second. */
export interface Prometheus extends AsyncDisposable {
  /** How each alert that is not inactive stands, by its name. */
  alerts(): Promise<Record<string, 'pending' | 'firing'>>;
  /** What an expression gives now, one number for each series. */
  query(expression: string): Promise<number[]>;
}

interface Answer<Data> {
  readonly data: Data;
}

/**
 * @param target the host and port of the app
 * @param rules the path of a file
 */
export async function startPrometheus(target: string, rules: string): Promise<Prometheus> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'dokstamp-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  await writeFile(
    config,
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'app', static_configs: [{ targets: [target] }] }],
    }),
  );
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ask = async <Data>(path: string): Promise<Data> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
    return ((await answer.json()) as Answer<Data>).data;
  };
  return {
    async alerts() {
      const { alerts } = await ask<{
        alerts: { labels: { alertname: string }; state: 'pending' | 'firing' }[];
      }>('alerts');
      return Object.fromEntries(alerts.map(({ labels, state }) => [labels.alertname, state]));
    },
    async query(expression) {
      const { result } = await ask<{ result: { value: [number, string] }[] }>(
        `query?query=${encodeURIComponent(expression)}`,
      );
      return result.map(({ value }) => Number(value[1]));
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
