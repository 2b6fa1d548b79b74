import type { Logger } from 'pino';
import type { SecurityEvent } from '../errors/security-event.ts';
import { networkOf } from './client-address.ts';

/** Milliseconds after which what was not written is summed up. */
export const WINDOW = 10_000;
/** Lines of one event in a window: of each address so many, so that a flood from one does not hide the others; and of all. */
const LINES_PER_ADDRESS = 3;
const LINES = 50;
/** How far addresses are counted whose events are not written. */
const ADDRESSES_MAX = 1_000;

interface Window {
  readonly closing: NodeJS.Timeout;
  /** Lines by address: as many entries as lines at most. */
  readonly written: Map<string, number>;
  lines: number;
  suppressed: number;
  readonly suppressedFrom: Set<string>;
}

/** Writes security events, one line each; of a flood of one event the first lines, and then a sum. */
export class SecurityLog {
  private readonly windows = new Map<SecurityEvent['event'], Window>();

  constructor(private readonly log: Pick<Logger, 'warn'>) {}

  write(event: SecurityEvent): void {
    const window = this.windows.get(event.event) ?? this.open(event.event);
    const network = networkOf(event.address);
    const written = window.written.get(network) ?? 0;
    if (written < LINES_PER_ADDRESS && window.lines < LINES) {
      window.written.set(network, written + 1);
      window.lines += 1;
      this.log.warn(event, 'security event');
      return;
    }
    window.suppressed += 1;
    if (window.suppressedFrom.size < ADDRESSES_MAX) window.suppressedFrom.add(network);
  }

  /** Writes at once what is still to be summed up. */
  flush(): void {
    for (const [event, window] of this.windows) this.close(event, window);
  }

  private open(event: SecurityEvent['event']): Window {
    const window: Window = {
      closing: setTimeout(() => this.close(event, window), WINDOW).unref(),
      written: new Map(),
      lines: 0,
      suppressed: 0,
      suppressedFrom: new Set(),
    };
    this.windows.set(event, window);
    return window;
  }

  private close(event: SecurityEvent['event'], { closing, suppressed, suppressedFrom }: Window): void {
    clearTimeout(closing);
    this.windows.delete(event);
    if (suppressed === 0) return;
    this.log.warn({ event, suppressed, addresses: suppressedFrom.size }, 'more security events of a kind');
  }
}
