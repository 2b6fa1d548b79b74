import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { type Case, mixText } from './cases.ts';
import type { Cleanup } from './cleanup.ts';
import type { Entrant, Load, Outcome } from './load.ts';
import { output } from './load-program.ts';
import { BENCH } from './paths.ts';
import { activeUser } from './population.ts';

/** wrk with one thread, so that two processors are enough for it, the server and PostgreSQL. */
export class WrkLoad implements Load {
  readonly about = 'wrk, one thread';

  constructor(
    private readonly wrk: string,
    private readonly cleanup: Cleanup,
  ) {}

  async run({ contestant, population, server, tokens }: Entrant, what: Case, seconds: number): Promise<Outcome> {
    const { active, perUser } = population;
    const [first, next] = [0, 1].map((place) => contestant.taskId(activeUser(place, population), 1, population));
    const options = ['-t1', `-c${what.connections}`, `-d${Math.ceil(seconds)}s`, '--timeout', '10s'];
    const script = ['-s', join(BENCH, 'load.lua'), String(server?.url)];
    const args = [
      mixText(what),
      tokens,
      String(active),
      String(perUser),
      String(Number(next) - Number(first)),
      String(randomInt(1_000_000_000)),
      String(what.pause ?? 0),
    ];
    const text = await output(this.wrk, [...options, ...script, '--', ...args], this.cleanup);
    const [, json] = /^outcome (.+)$/m.exec(text) ?? [];
    if (json === undefined) throw new Error(`wrk told no outcome: ${text}`);
    return JSON.parse(json);
  }
}
