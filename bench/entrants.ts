import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { type Contestant, PGBENCH } from './contestants.ts';
import { type Databases, warm } from './databases.ts';
import type { Entrant } from './load.ts';
import { BENCH } from './paths.ts';
import { activeUser, type Population, userId } from './population.ts';
import type { Algorithm, TokenSigner } from './tokens.ts';

/** Makes contestants ready to be measured. */
export class Entrants {
  private readonly folder = mkdtempSync(join(tmpdir(), 'bench-'));
  private readonly files = new Map<string, string>();

  constructor(
    private readonly databases: Databases,
    private readonly signer: TokenSigner,
    private readonly cleanup: Cleanup,
  ) {
    cleanup.add(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** With a database of its own that holds the population, and its server started. */
  async enter(contestant: Contestant, population: Population): Promise<Entrant> {
    const { signer, cleanup } = this;
    const database = await this.databases.create(`${contestant.name}_${population.users}`);
    await contestant.seed(database, population);
    await warm(database);
    const tokens = this.tokens(contestant.algorithm ?? 'HS256', population);
    const entrant = { contestant, database, population, signer, tokens };
    if (contestant.name === PGBENCH) return { ...entrant, server: undefined };
    const log = join(this.folder, `${contestant.name}-${population.users}.log`);
    const server = await contestant.start({ database, signer, log });
    cleanup.add(() => server.stop());
    return { ...entrant, server };
  }

  /** Those who send requests, and as many to make new tasks. */
  private tokens(algorithm: Algorithm, population: Population): string {
    const { users, active } = population;
    const path = join(this.folder, `${algorithm}-${users}.txt`);
    if (!this.files.has(path)) {
      const those = Array.from({ length: active * 2 }, (_, place) => activeUser(place, population));
      const lines = those.map((u) => `${userId(u)} ${this.signer.token(algorithm, u)}\n`);
      writeFileSync(path, lines.join(''));
      this.files.set(path, path);
    }
    return path;
  }
}

/** Whether what it needs is there. */
export function isThere({ name }: Contestant, pgbench: string | undefined): boolean {
  if (name.startsWith('taskwell')) return true;
  if (name === PGBENCH) return pgbench !== undefined && existsSync(join(BENCH, 'peers/pgbench/read-one.sql'));
  return existsSync(join(BENCH, `dist/peers/${name}/main.js`));
}
