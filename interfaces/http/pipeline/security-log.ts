import type { Logger } from 'pino';
import type { SecurityEvent } from '../errors/security-event.ts';
import { networkOf } from './client-address.ts';

/** Length of a window. When it ends, one line reports the events that were suppressed. */
export const WINDOW_MS = 10_000;
/** Lines per event, window and network, so that a flood from one network does not hide the others. */
const LINES_PER_NETWORK = 3;
/** Lines per event and window, from all networks. */
const LINES_MAX = 50;
/** Largest number of suppressed networks that are counted, which bounds the memory. */
const NETWORKS_MAX = 1_000;

interface Window {
  readonly closing: NodeJS.Timeout;
  readonly linesByNetwork: Map<string, number>;
  lines: number;
  suppressed: number;
  readonly suppressedNetworks: Set<string>;
}

/** Writes one line per security event. In a flood, it writes only the first lines and counts the rest. */
export class SecurityLog {
  private readonly windows = new Map<SecurityEvent['event'], Window>();

  constructor(private readonly log: Pick<Logger, 'warn'>) {}

  write(event: SecurityEvent): void {
    const window = this.windows.get(event.event) ?? this.open(event.event);
    const network = networkOf(event.address);
    const lines = window.linesByNetwork.get(network) ?? 0;
    if (lines < LINES_PER_NETWORK && window.lines < LINES_MAX) {
      window.linesByNetwork.set(network, lines + 1);
      window.lines += 1;
      this.log.warn(event, 'security event');
      return;
    }
    window.suppressed += 1;
    if (window.suppressedNetworks.size < NETWORKS_MAX) window.suppressedNetworks.add(network);
  }

  /** Reports the suppressed events of all open windows now. */
  flush(): void {
    for (const [event, window] of this.windows) this.close(event, window);
  }

  private open(event: SecurityEvent['event']): Window {
    const window: Window = {
      closing: setTimeout(() => this.close(event, window), WINDOW_MS).unref(),
      linesByNetwork: new Map(),
      lines: 0,
      suppressed: 0,
      suppressedNetworks: new Set(),
    };
    this.windows.set(event, window);
    return window;
  }

  private close(event: SecurityEvent['event'], { closing, suppressed, suppressedNetworks }: Window): void {
    clearTimeout(closing);
    this.windows.delete(event);
    if (suppressed === 0) return;
    this.log.warn({ event, suppressed, addresses: suppressedNetworks.size }, 'more security events of the same kind');
  }
}
