import type pg from 'pg';
import type { Clock } from '../../../application/ports/clock.ts';
import type { Statement } from './statement.ts';
import { runGroup } from './statement-group.ts';

const DATABASE_TIME: Statement = {
  name: 'taskwell_database_time',
  text: 'select extract(epoch from clock_timestamp()) * 1000',
};

/**
 * Measures the database's time minus this process's monotonic time, in milliseconds.
 *
 * @param timeoutMs time for the answer; without one, the connection is cut, so that a server which accepts connections
 *   and then stays silent fails like one which does not accept them
 * @throws as pg does
 */
export async function measureClockOffset(
  client: pg.Client,
  clock: Pick<Clock, 'monotonicMs'>,
  timeoutMs: number | undefined,
): Promise<number> {
  const silent = setTimeout(() => client.connection.stream.destroy(), timeoutMs);
  try {
    const askedAtMs = clock.monotonicMs();
    const [result] = await runGroup(client, [{ statement: DATABASE_TIME, values: [] }], false);
    return Number(result?.rows[0]?.[0]) - (askedAtMs + clock.monotonicMs()) / 2;
  } finally {
    clearTimeout(silent);
  }
}
