import { type Case, writes } from './cases.ts';
import { createdFault, faultsOf, kindsOf, settled } from './checks.ts';
import { tidyUp } from './databases.ts';
import type { Entrant, Load } from './load.ts';
import { processUsage } from './process-usage.ts';
import type { Sample } from './results.ts';

export interface Plan {
  readonly cases: readonly Case[];
  readonly rounds: number;
  readonly seconds: number;
  /** A second of each load before it counts, or a while of the last case before all rounds. */
  readonly warmUp: 'each' | 'once';
}

export interface Measured {
  readonly samples: readonly Sample[];
  readonly faults: readonly string[];
}

/** So many connections take so many seconds until each has had its first answer. */
const [MANY, ENOUGH_FOR_MANY] = [100, 3];
/** Seconds. */
const WARM_UP = { each: 1, once: 2 };

/**
 * In each round every case, in each case every contestant, each time with another one first; one at a time. Checks the
 * answers before and after.
 *
 * @param loadFor what keeps a contestant busy
 * @param progress told what goes on
 */
export async function measure(
  entrants: readonly Entrant[],
  { cases, rounds, seconds, warmUp }: Plan,
  loadFor: (entrant: Entrant) => Load,
  progress: (text: string) => void,
): Promise<Measured> {
  const samples: Sample[] = [];
  const faults: string[] = [];
  /** Of each contestant: tasks that it said it has made, and requests that may have been cut off. */
  const tallies = new Map(entrants.map((entrant) => [entrant, { created: 0, cut: 0 }]));
  const check = async (when: string) => {
    for (const entrant of entrants) {
      progress(`checking the answers of ${entrant.contestant.title} ${when}`);
      const found = await faultsOf(entrant, kindsOf(cases));
      faults.push(...found.map((fault) => `${entrant.contestant.name}, ${when}: ${fault}`));
      const tally = tallies.get(entrant);
      if (tally && kindsOf(cases).has('create')) tally.cut += 100;
    }
  };
  const load = async (entrant: Entrant, what: Case, length: number) => {
    const atLeast = what.connections > MANY ? ENOUGH_FOR_MANY : 1;
    const outcome = await loadFor(entrant).run(entrant, what, Math.max(length, atLeast));
    const tally = tallies.get(entrant);
    if (tally) {
      tally.created += outcome.created;
      tally.cut += 'create' in what.mix ? what.connections + outcome.failed : 0;
    }
    return outcome;
  };

  await check('before');
  const last = cases.at(-1);
  for (const entrant of warmUp === 'once' ? entrants : []) {
    progress(`warming up ${entrant.contestant.title}`);
    if (last) await load(entrant, last, WARM_UP.once);
  }
  const total = rounds * cases.length * entrants.length;
  for (let round = 1; round <= rounds; round++) {
    for (const [at, what] of cases.entries()) {
      const first = (round - 1 + at) % entrants.length;
      for (const entrant of [...entrants.slice(first), ...entrants.slice(0, first)]) {
        const { contestant, server, database } = entrant;
        if (what.pause !== undefined && server === undefined) continue; // pgbench does not pause
        const begun = `${samples.length + 1}/${total} round ${round}: ${what.title}, ${contestant.title}`;
        progress(begun);
        if (warmUp === 'each') await load(entrant, what, WARM_UP.each);
        await settled(entrant);
        const before = server && processUsage(server.pid);
        const outcome = await load(entrant, what, seconds);
        const after = server && processUsage(server.pid);
        const requestsPerSecond = outcome.requests / outcome.duration;
        const usage = before && after && { cpu: (after.cpu - before.cpu) / outcome.duration, rss: after.rss };
        samples.push({ round, case: what.name, contestant: contestant.name, requestsPerSecond, ...outcome, ...usage });
        progress(`${begun}: ${Math.round(requestsPerSecond).toLocaleString('en')} requests/s`);
        server?.emptyLogs();
        if (writes(what)) await tidyUp(database);
      }
    }
  }
  await check('after');
  for (const [entrant, { created, cut }] of tallies) {
    if (entrant.server === undefined) continue;
    const found = await createdFault(entrant, created, cut);
    faults.push(...found.map((fault) => `${entrant.contestant.name}: ${fault}`));
  }
  const wrong = samples.filter((sample) => sample.wrong > 0);
  faults.push(
    ...wrong.map(
      (sample) => `${sample.contestant}, ${sample.case}, round ${sample.round}: ${sample.wrong} wrong answers`,
    ),
  );
  return { samples, faults };
}
