import type { PipelinedConnection } from './pipelined-connection.ts';

/** Connections for reads. The second one takes over while a slow answer stalls the first. */
const READERS = 2;
/** Connections for writes while commits are fast: enough to commit in parallel, and few enough to share round trips. */
const FEW_WRITERS = 4;
/** The number of waiting groups at which a reader no longer counts as free. */
const LONG_QUEUE = 64;
/** The time without an answer after which a connection counts as stalled. */
const STALLED_MS = 5;

/**
 * The connections of a process, which many groups of statements share. Reads and writes use separate connections,
 * because the statements on a connection wait for the commits of the writes before them.
 */
export class ConnectionPool {
  readonly connections: readonly PipelinedConnection[];
  private readonly readers: readonly PipelinedConnection[];
  private readonly writers: readonly PipelinedConnection[];
  /** The first of the writers. */
  private readonly fewWriters: readonly PipelinedConnection[];
  /** The writers that are idle while commits are fast. They take the statements that can take seconds. */
  private readonly spare: readonly PipelinedConnection[];

  /** @param create makes a connection, which opens when it is first needed */
  constructor(size: number, create: () => PipelinedConnection) {
    this.connections = Array.from({ length: size }, create);
    const forReads = Math.min(READERS, Math.ceil(size / 2));
    this.readers = this.connections.slice(0, forReads);
    this.writers = size === 1 ? this.connections : this.connections.slice(forReads);
    this.fewWriters = this.writers.slice(0, FEW_WRITERS);
    this.spare = size > forReads + FEW_WRITERS ? this.writers.slice(FEW_WRITERS) : this.writers.slice(-1);
  }

  /** The connection that a group should take. */
  connectionFor(group: { readonly reads: boolean; readonly isSlow: boolean }): PipelinedConnection {
    if (group.isSlow) return leastBusy(this.spare);
    return group.reads ? this.reader() : this.writer();
  }

  /** The first free reader, so that statements share writes to the socket; the least busy one if none is free. */
  private reader(): PipelinedConnection {
    const isFree = (reader: PipelinedConnection) => reader.waiting < LONG_QUEUE && reader.stalledForMs < STALLED_MS;
    return this.readers.find(isFree) ?? leastBusy(this.readers);
  }

  /** One of a few writers, which is cheapest for PostgreSQL; one of all writers if slow commits stall those. */
  private writer(): PipelinedConnection {
    const best = leastBusy(this.fewWriters);
    return best.stalledForMs < STALLED_MS ? best : leastBusy(this.writers);
  }
}

/** The connection with the fewest waiting groups; each millisecond of stalling counts as one more group. */
function leastBusy(connections: readonly PipelinedConnection[]): PipelinedConnection {
  const load = ({ waiting, stalledForMs }: PipelinedConnection) => waiting + stalledForMs;
  return connections.reduce((least, connection) => (load(connection) < load(least) ? connection : least));
}
