import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { isInstalled } from '../support/installed.js';
import { exportedMetrics } from '../support/exported-metrics.js';
import { ROOT, repositoryText } from '../support/repository.js';

const run = promisify(execFile);
const ALERTS = `${ROOT}docs/alerts.yml`;

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

const rules = (
  parse(repositoryText('docs/alerts.yml')) as { groups: { rules: Rule[] }[] }
).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(repositoryText('docs/grafana-dashboard.json')) as {
  panels: { title: string; targets: { expr: string }[] }[];
};
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => [title, expr] as const),
  ),
];

const hasPromtool = isInstalled('promtool');
if (!hasPromtool) {
  console.warn('\nNO PROMETHEUS: the tests with promtool are SKIPPED; install prometheus.\n');
}

describe('docs/alerts.yml and docs/grafana-dashboard.json', () => {
  it('name metrics that are exported', async () => {
    const exported = await exportedMetrics();
    expect(expressions.length).toBeGreaterThan(10);
    for (const [where, expression] of expressions) {
      const named = expression.match(/\bdokstamp_(?!account\b)\w+/g) ?? [];
      expect(named.length, where).toBeGreaterThan(0);
      for (const name of named) expect(exported, where).toContain(name);
    }
  });

  it('have every alert that docs/operations.md tells, and no other', () => {
    const told = [...repositoryText('docs/operations.md').matchAll(/^- \*\*(\w+)\*\*/gm)];
    expect(new Set(told.map(([, name]) => name))).toEqual(new Set(rules.map(({ alert }) => alert)));
  });

  it.skipIf(!hasPromtool)('have rules and expressions that Prometheus can read', async () => {
    expect((await run('promtool', ['check', 'rules', ALERTS])).stdout).toContain('SUCCESS');
    const asRules = dashboard.panels.flatMap(({ targets }, panel) =>
      targets.map(({ expr }, n) => ({
        record: `panel:${panel}:${n}`,
        expr: expr.replaceAll('$__rate_interval', '5m'),
      })),
    );
    await withFile(stringify({ groups: [{ name: 'panels', rules: asRules }] }), async (file) => {
      expect((await run('promtool', ['check', 'rules', file])).stdout).toContain('SUCCESS');
    });
  });

  it.skipIf(!hasPromtool)('fire when they should, and are quiet while all is well', async () => {
    const account = 'dokstamp_account="default"';
    const refused = `dokstamp_token_request_duration_count{${account},error_type="invalid_client"}`;
    const failed = `dokstamp_token_request_duration_count{${account},error_type="token_request_failed"}`;
    const tests = [
      {
        series: {
          [`dokstamp_token_blocked{${account}}`]: '0x60',
          [`dokstamp_token_time_to_expiry{${account}}`]: '43200-60x60',
          [`dokstamp_token_request_duration_count{${account},http_response_status_code="200"}`]:
            '1x60',
          [`dokstamp_token_refused_total{${account}}`]: '3x60',
        },
        fires: [],
      },
      {
        series: { [`dokstamp_token_blocked{${account}}`]: '1x60' },
        fires: ['DokStampTokenBlocked'],
      },
      // One refusal: 5 minutes ago, and longer ago.
      { series: { [refused]: '_x34 1x60' }, fires: ['DokStampCredentialsRefused'] },
      { series: { [refused]: '_x14 1x60' }, fires: [] },
      {
        series: { [refused]: '0+1x60' },
        fires: ['DokStampCredentialsRefused', 'DokStampRenewalFailing'],
      },
      { series: { [failed]: '0+2x60' }, fires: ['DokStampRenewalFailing'] },
      {
        series: { [`dokstamp_token_time_to_expiry{${account}}`]: '20x60' },
        fires: ['DokStampTokenAboutToEnd'],
      },
      {
        series: { [`dokstamp_token_refused_total{${account}}`]: '0+5x60' },
        fires: ['DokStampTokensRefused'],
      },
    ];
    const asTests = tests.map(({ series, fires }) => ({
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: rules.map(({ alert }) => ({
        expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
        eval_time: '40m',
        exp_samples: [{ labels: '{}', value: fires.includes(alert as never) ? 1 : 0 }],
      })),
    }));
    await withFile(
      stringify({ rule_files: [ALERTS], evaluation_interval: '1m', tests: asTests }),
      async (file) => {
        expect((await run('promtool', ['test', 'rules', file])).stdout).toContain('SUCCESS');
      },
    );
  });
});

async function withFile(text: string, work: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'dokstamp-rules-'));
  try {
    await writeFile(join(folder, 'rules.yml'), text);
    await work(join(folder, 'rules.yml'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
