import { parseArgs } from 'node:util';
import { CASES, type Case } from './cases.ts';
import { CONTESTANTS, type Contestant, TASKWELL } from './contestants.ts';
import { USUAL } from './population.ts';

export interface Options {
  readonly cases: readonly Case[];
  readonly contestants: readonly Contestant[];
  readonly rounds: number;
  readonly seconds: number;
  readonly quick: boolean;
  readonly large: boolean;
  /** How many of the users send requests; all of them where nothing is said. */
  readonly activeUsers: number | undefined;
  /** Where the JSON goes. */
  readonly out: string;
  /** Results of an earlier run, to be shown again instead of measuring. */
  readonly from: string | undefined;
  readonly writeDocs: boolean;
  readonly help: boolean;
}

/** What `--quick` is content with, where nothing else is asked for. */
const QUICK = {
  cases: ['read', 'list', 'create', 'mixed'],
  contestants: [TASKWELL, 'node-http', 'fastify', 'nestjs-typeorm'],
};

export const HELP = `npm run bench -- [options]

  --quick              ${QUICK.cases.join(', ')} of ${QUICK.contestants.join(', ')}:
                       2 rounds of 1 s, in under two minutes
  --large              Taskwell alone, with 10,000,000 tasks of 100,000 users against 100,000 of 1,000
  --active-users n     how many of the users send requests: a divisor of 1,000; all of them unless said otherwise
  --only a,b           of ${CASES.map(({ name }) => name).join(', ')}
  --contestants a,b    of ${CONTESTANTS.map(({ name }) => name).join(', ')}
  --rounds n           5 unless said otherwise
  --seconds n          of each measurement, 5 unless said otherwise
  --out file.json      where the results go; bench/data/results.json unless said otherwise
  --from file.json     shows earlier results instead of measuring
  --write-docs         puts the table and the chart into docs/
  --help

BENCH_DATABASE_URL     of a superuser, to measure on a PostgreSQL of yours instead of the embedded one
`;

/** @throws Error that says which option is wrong */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      large: { type: 'boolean', default: false },
      'active-users': { type: 'string' },
      only: { type: 'string' },
      contestants: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      out: { type: 'string', default: 'bench/data/results.json' },
      from: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, large, 'active-users': activeUsers, out, from, help } = values;
  const cases = values.only ?? (quick ? QUICK.cases.join(',') : undefined);
  const contestants = large ? TASKWELL : (values.contestants ?? (quick ? QUICK.contestants.join(',') : undefined));
  return {
    cases: chosen(CASES, cases, 'case'),
    contestants: chosen(CONTESTANTS, contestants, 'contestant'),
    rounds: wholeNumber(values.rounds ?? (quick ? '2' : '5'), 'rounds'),
    seconds: wholeNumber(values.seconds ?? (quick ? '1' : '5'), 'seconds'),
    quick,
    large,
    activeUsers: activeUsers === undefined ? undefined : divisor(activeUsers, USUAL.users, 'active-users'),
    out,
    from,
    writeDocs: values['write-docs'],
    help,
  };
}

function chosen<Named extends { readonly name: string }>(
  all: readonly Named[],
  names: string | undefined,
  what: string,
) {
  if (names === undefined) return all;
  return names.split(',').map((name) => {
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no ${what} ${name}: ${all.map((one) => one.name).join(', ')}`);
    return found;
  });
}

function wholeNumber(text: string, name: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} must be a whole number from 1`);
  return Number(text);
}

function divisor(text: string, of: number, name: string): number {
  const number = wholeNumber(text, name);
  if (of % number !== 0) throw new Error(`--${name} must divide ${of}`);
  return number;
}
