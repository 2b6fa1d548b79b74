import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { Cleanup } from './cleanup.ts';
import { PGBENCH, TASKWELL } from './contestants.ts';
import { Databases } from './databases.ts';
import { writeDocuments } from './documents.ts';
import { Entrants, isThere } from './entrants.ts';
import type { Entrant, Load } from './load.ts';
import { AutocannonLoad } from './load-autocannon.ts';
import { PgbenchLoad } from './load-pgbench.ts';
import { WrkLoad } from './load-wrk.ts';
import { measure } from './measure.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { postgresFolders, programPath, ROOT } from './paths.ts';
import { LARGE, USUAL } from './population.ts';
import { endProgress, progress } from './progress.ts';
import { report } from './report.ts';
import { type Results, readResults, writeResults } from './results.ts';
import { TokenSigner } from './tokens.ts';

const cleanup = new Cleanup();
let interrupted = false;
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, async () => {
    interrupted = true;
    endProgress();
    await cleanup.run();
    process.exit(code);
  });
}

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  endProgress();
  // what we end when we are interrupted fails, and that is no news
  if (!interrupted) process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  process.exitCode = 1;
} finally {
  await cleanup.run();
}

/** Gives the exit code: 1 where an answer was wrong. */
async function main(options: Options): Promise<number> {
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const results = options.from === undefined ? await run(options) : readResults(resolve(ROOT, options.from));
  endProgress();
  process.stdout.write(`${report(results)}\n`);
  if (options.writeDocs) await writeDocuments(results);
  return results.faults.length === 0 ? 0 : 1;
}

async function run({ cases, contestants, rounds, seconds, quick, large, activeUsers, out }: Options): Promise<Results> {
  const wrk = programPath('wrk');
  const pgbench = programPath('pgbench', postgresFolders());
  const load: Load = wrk === undefined ? new AutocannonLoad() : new WrkLoad(wrk, cleanup);
  const loadFor = ({ contestant }: Entrant): Load =>
    contestant.name === PGBENCH && pgbench !== undefined ? new PgbenchLoad(pgbench, cleanup) : load;

  progress('starting PostgreSQL');
  const databases = await Databases.open(process.env.BENCH_DATABASE_URL || undefined, cleanup);
  const signer = new TokenSigner(randomBytes(32).toString('base64'));
  const entering = new Entrants(databases, signer, cleanup);
  const entrants: Entrant[] = [];
  for (const contestant of contestants) {
    if (!isThere(contestant, pgbench)) {
      progress(`${contestant.title} is not there and stays out`);
      continue;
    }
    for (const whole of large ? [USUAL, LARGE] : [USUAL]) {
      const population = { ...whole, active: activeUsers ?? whole.active };
      const tasks = (population.users * population.perUser).toLocaleString('en');
      progress(`${contestant.title}: a database with ${tasks} tasks`);
      const entrant = await entering.enter(contestant, population);
      const name = `${contestant.name}-${population.users}`;
      const named = { ...contestant, name, title: `${contestant.title}, ${tasks} tasks` };
      entrants.push(large ? { ...entrant, contestant: named } : entrant);
    }
  }

  const plan = { cases, rounds, seconds, warmUp: quick ? 'once' : 'each' } as const;
  const { samples, faults } = await measure(entrants, plan, loadFor, progress);
  const results: Results = {
    at: new Date().toISOString(),
    machine: `${availableParallelism()} processors (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB`,
    node: process.versions.node,
    postgres: databases.about,
    load: load.about,
    seconds,
    rounds,
    cases: cases.map(({ name, title }) => ({ name, title })),
    contestants: entrants.map(({ contestant: { name, title } }) => ({ name, title })),
    subject: large ? `${TASKWELL}-${LARGE.users}` : TASKWELL,
    samples,
    faults,
  };
  const file = resolve(ROOT, out);
  mkdirSync(dirname(file), { recursive: true });
  writeResults(file, results);
  return results;
}
