import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case } from './cases.ts';
import type { Cleanup } from './cleanup.ts';
import type { Entrant, Load, Outcome } from './load.ts';
import { output } from './load-program.ts';
import { BENCH } from './paths.ts';
import { percentiles } from './percentiles.ts';

/** PostgreSQL has a process for each connection; more than a pool has would measure those. */
const CONNECTIONS = 16;

/** Taskwell's statements on Taskwell's tables, without a server before them: what PostgreSQL itself can do. */
export class PgbenchLoad implements Load {
  readonly about = 'pgbench';

  constructor(
    private readonly pgbench: string,
    private readonly cleanup: Cleanup,
  ) {}

  async run({ database, population }: Entrant, what: Case, seconds: number): Promise<Outcome> {
    const folder = mkdtempSync(join(tmpdir(), 'bench-pgbench-'));
    try {
      const { users, perUser } = population;
      const scripts = Object.entries(what.mix).flatMap(([kind, share]) => ['-f', `${script(kind)}@${share}`]);
      const load = ['-n', '-M', 'prepared', '-j', '1', '-c', String(CONNECTIONS), '-T', String(Math.ceil(seconds))];
      const variables = ['-D', `users=${users}`, '-D', `per_user=${perUser}`];
      const log = ['-l', `--log-prefix=${join(folder, 'log')}`];
      const text = await output(this.pgbench, [...load, ...variables, ...log, ...scripts, database.url], this.cleanup);
      return outcome(text, latencies(folder));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function script(kind: string): string {
  return join(BENCH, `peers/pgbench/${kind === 'read' ? 'read-one' : kind}.sql`);
}

function outcome(text: string, latencies: readonly number[]): Outcome {
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  const requests = number(/number of transactions actually processed: (\d+)/);
  return {
    requests,
    duration: requests / number(/tps = ([\d.]+)/),
    latency: percentiles(latencies),
    wrong: 0,
    failed: number(/number of failed transactions: (\d+)/),
    created: 0,
  };
}

/** In milliseconds: the third word of each line says it in microseconds. */
function latencies(folder: string): number[] {
  const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').trim().split('\n'));
  return lines.map((line) => Number(line.split(' ')[2]) / 1000);
}
