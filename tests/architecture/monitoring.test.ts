import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MergedMetrics } from '../../infrastructure/metrics/merged-metrics.ts';
import { PrometheusMetrics } from '../../infrastructure/metrics/prometheus-metrics.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

const RULES = 'docs/monitoring/alerts.yaml';
const DASHBOARD = 'docs/monitoring/grafana-dashboard.json';
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

const dashboard: { readonly panels: readonly Panel[] } = JSON.parse(read(DASHBOARD));
const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** The names and labels of every metric that a server can have. */
async function metrics(): Promise<Map<string, Set<string>>> {
  const one = new PrometheusMetrics();
  one.watchDatabase(() => ({ open: 1, busy: 0, max: 1, waiting: 0, queuedWrites: 0 }));
  one.requestFinished({ contract: 'c', operation: 'o', status: 200, durationSeconds: 0 });
  const merged = new MergedMetrics(1);
  merged.update(1, await one.snapshot());
  const found = new Map<string, Set<string>>();
  const pages = `${await one.page()}\n${await merged.page(new Set([1]))}`;
  for (const [, name = '', labels = ''] of pages.matchAll(/^([a-z0-9_]+)(?:\{(.*)\})? /gm)) {
    const known = found.get(name) ?? new Set(['job', 'instance']);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    found.set(name, known);
  }
  return found;
}

/** The metrics that an expression reads, each with the labels that it selects. */
function used(expression: string): [name: string, labels: string[]][] {
  const names = expression.matchAll(/\b((?:taskwell|nodejs|process)_[a-z0-9_]+)(?:\{([^}]*)\})?/g);
  return [...names].map(([, name = '', selector = '']) => [
    name,
    [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  ]);
}

describe('the dashboard and the alerts', () => {
  it('read only metrics and labels that exist', async () => {
    const existing = await metrics();
    const reads = [...queries, read(RULES)].flatMap(used);
    expect(reads.length).toBeGreaterThan(35);
    for (const [name, labels] of reads) {
      expect([...existing.keys()]).toContain(name);
      for (const label of labels) expect([...(existing.get(name) ?? [])], name).toContain(label);
    }
  });

  it('read each metric of ours', async () => {
    const shown = new Set(queries.flatMap(used).map(([name]) => name.replace(/_(bucket|count|sum)$/, '')));
    const ours = [...(await metrics()).keys()].filter((name) => name.startsWith('taskwell_'));
    for (const name of ours) expect([...shown]).toContain(name.replace(/_(bucket|count|sum)$/, ''));
  });

  it('are documented, and so is every metric of ours with its labels', async () => {
    const documentation = read('docs/metrics.md');
    for (const [, alert = ''] of read(RULES).matchAll(/- alert: (\w+)/g))
      expect(documentation).toContain(`### ${alert}`);
    for (const [name, labels] of await metrics()) {
      if (!name.startsWith('taskwell_')) continue;
      const row = documentation
        .split('\n')
        .find((line) => line.includes(`\`${name.replace(/_(bucket|count|sum)$/, '')}\``));
      expect(row, name).toBeDefined();
      for (const label of labels) if (!['le', 'job', 'instance'].includes(label)) expect(row).toContain(`\`${label}\``);
    }
  });

  it('lay out panels that do not overlap', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)}:${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(dashboard.panels.map(({ title }) => title)).size).toBe(dashboard.panels.length);
  });

  it.skipIf(!hasPromtool)('are valid for promtool, and so is every query of the dashboard', () => {
    const folder = mkdtempSync(join(tmpdir(), 'taskwell-rules-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const rules = queries.map((query, n) => ({
      record: `query:${n}`,
      expr: query.replaceAll('$__rate_interval', '5m'),
    }));
    const asRules = join(folder, 'dashboard.json'); // JSON is YAML
    writeFileSync(asRules, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    execFileSync('promtool', ['check', 'rules', join(ROOT, RULES), asRules], { stdio: 'pipe' });
    execFileSync('promtool', ['test', 'rules', join(ROOT, 'tests/support/alerts.test.yaml')], { stdio: 'pipe' });
  });
});

describe('the library of the metrics', () => {
  it('is loaded only where metrics are served', () => {
    const sources = ['application', 'infrastructure', 'interfaces'].flatMap((ring) =>
      readdirSync(join(ROOT, ring), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(ring, name)),
    );
    const loading = (pattern: RegExp) => sources.filter((file) => pattern.test(read(file))).sort();
    const modules = ['infrastructure/metrics/merged-metrics.ts', 'infrastructure/metrics/prometheus-metrics.ts'];
    expect(loading(/from 'prom-client'/)).toEqual(modules);
    expect(loading(/^import (?!type )[^;]*\/(merged|prometheus)-metrics\.ts'/m)).toEqual([]);
  });
});
