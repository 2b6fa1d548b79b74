import type { KeyedQueue } from './keyed-queue.ts';
import type { PipelinedConnection } from './pipelined-connection.ts';

/** How much of the database's connections is in use. */
export interface DatabaseUsage {
  /** Connections that are open, and those of them that wait for an answer. */
  readonly open: number;
  readonly busy: number;
  /** Connections at most. */
  readonly max: number;
  /** Groups without an answer. */
  readonly waiting: number;
  /** Writes that wait for earlier writes of the same user. */
  readonly queuedWrites: number;
}

export function databaseUsage(
  connections: readonly Pick<PipelinedConnection, 'isConnected' | 'waiting'>[],
  writes: Pick<KeyedQueue, 'waiting'>,
): DatabaseUsage {
  const open = connections.filter(({ isConnected }) => isConnected);
  return {
    open: open.length,
    busy: open.filter(({ waiting }) => waiting > 0).length,
    max: connections.length,
    waiting: connections.reduce((sum, { waiting }) => sum + waiting, 0),
    queuedWrites: writes.waiting,
  };
}
