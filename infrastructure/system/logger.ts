import { createRequire } from 'node:module';
import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * Structured logs: JSON lines, or lines for people.
 *
 * @param level from `trace` to `fatal`, or `silent`
 */
export function createLogger(level: string, destination: DestinationStream, { pretty }: { pretty: boolean }): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: told },
    },
    pretty ? forPeople(destination) : new GatheredLines(destination),
  );
}

/** Loaded only where people read the log: it takes a while. */
function forPeople(destination: DestinationStream): DestinationStream {
  const { PinoPretty }: typeof import('pino-pretty') = createRequire(import.meta.url)('pino-pretty');
  return PinoPretty({ destination, ignore: 'pid,hostname', singleLine: true });
}

/** What is logged in one turn of the event loop goes out in one write. */
class GatheredLines implements DestinationStream {
  private lines = '';

  constructor(private readonly destination: DestinationStream) {}

  write(line: string): void {
    if (this.lines === '') setImmediate(() => this.flush());
    this.lines += line;
  }

  /** Writes at once; `Logger.flush` calls it. */
  flush(): void {
    if (this.lines === '') return;
    this.destination.write(this.lines);
    this.lines = '';
  }
}

/**
 * What a log may hold of an error. The messages and details of a database error quote what users wrote, so of such an
 * error its code has to do; its place is in the stack, below the first lines, which repeat the message.
 */
function told(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error ? error.code : undefined;
  const fromDatabase = 'severity' in error;
  return {
    type: error.name,
    code,
    message: fromDatabase ? undefined : error.message,
    stack: error.stack?.slice(error.stack.indexOf('\n    at ') + 1),
    cause: error.cause === undefined ? undefined : told(error.cause),
  };
}
