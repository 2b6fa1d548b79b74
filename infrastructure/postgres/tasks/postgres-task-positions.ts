import type { TaskPositions } from '../../../application/ports/task-positions.ts';
import { UserId } from '../../../domain/user-id.ts';
import type { PostgresDatabase } from '../connection/postgres-database.ts';
import { READ_POSITIONS } from './position-statements.ts';

/** Reads the positions of all users by one statement. It does not work on Citus, where `set_config` stays on its node. */
export class PostgresTaskPositions implements TaskPositions {
  constructor(private readonly database: PostgresDatabase) {}

  async lastOf(users: readonly UserId[]): Promise<ReadonlyMap<UserId, number>> {
    const rows = await this.database.run(READ_POSITIONS, [JSON.stringify(users)]);
    return new Map(rows.map(([user, position]) => [UserId(user ?? ''), Number(position)]));
  }
}
