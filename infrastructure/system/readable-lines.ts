import type { DestinationStream } from 'pino';

/** Turns the JSON lines of the log into lines for people: `09:15:02 GET /api/:user_id/tasks 200 3 ms`. */
export class ReadableLines implements DestinationStream {
  constructor(private readonly destination: DestinationStream) {}

  write(line: string): void {
    this.destination.write(`${formatLine(JSON.parse(line))}\n`);
  }
}

type Line = Readonly<Record<string, unknown>>;

function formatLine({ level, time, msg, err, ...fields }: Line): string {
  const clock = String(time).slice(11, 19);
  if (msg === 'request') return `${clock} ${formatRequest(fields)}`;
  const label = level === 'info' ? '' : `${String(level).toUpperCase()} `;
  const details = Object.entries(fields).map(([name, value]) => ` ${name}=${formatValue(value)}`);
  return `${clock} ${label}${msg}${details.join('')}${err === undefined ? '' : formatError(err, '\n')}`;
}

/** The route instead of the path, which can contain text of users. */
function formatRequest({ method, route = '(no such route)', status, duration_ms: duration }: Line): string {
  return `${method} ${route} ${status} ${Math.round(Number(duration))} ms`;
}

/** Text with control characters stays quoted, so that it cannot forge a line. */
function formatValue(value: unknown): string {
  return typeof value === 'string' && !/\p{Cc}/u.test(value) ? value : JSON.stringify(value);
}

/** An error as the logger serializes it, with its causes. */
function formatError(error: unknown, separator: string): string {
  if (typeof error !== 'object' || error === null) return '';
  const { type, code, message, stack, cause }: Line = { ...error };
  const heading = [type, code, message].filter((part) => part !== undefined).join(' ');
  const frames = stack === undefined ? '' : `\n${stack}`;
  return `${separator}${heading}${frames}${formatError(cause, '\ncaused by: ')}`;
}
