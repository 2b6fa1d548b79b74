import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import { Overloaded } from '../errors/http-errors.ts';
import type { RequestState } from './request-state.ts';

/** When the server refuses requests, so that those which it admits get their responses in time. */
export interface AdmissionLimits {
  /** Requests under way in this process. */
  readonly inFlight: number;
  /** How late the event loop may be, in milliseconds. A request waits for it at least twice. */
  readonly eventLoopDelayMs: number;
}

export const ADMISSION_LIMITS: AdmissionLimits = { inFlight: 1_000, eventLoopDelayMs: 150 };

/** How often an overload that lasts is logged. */
const LOG_INTERVAL_MS = 10_000;

/** Refuses requests at once while the server has more of them than it can answer in time. */
export class Admission {
  private inFlight = 0;
  private refused = 0;
  private loggedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly log: Pick<Logger, 'warn'>,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly eventLoop: { readonly currentMs: number } = { currentMs: 0 },
    private readonly limits: AdmissionLimits = ADMISSION_LIMITS,
  ) {}

  /** @param isExempt tells the requests that are always admitted */
  guard(isExempt: (path: string) => boolean): Middleware<RequestState> {
    return async (ctx, next) => {
      if (this.isOverloaded && !isExempt(ctx.path)) {
        this.refuse();
        ctx.state.overloaded = true;
        throw new Overloaded();
      }
      this.inFlight += 1;
      try {
        await next();
      } finally {
        this.inFlight -= 1;
      }
    };
  }

  private get isOverloaded(): boolean {
    return this.inFlight >= this.limits.inFlight || this.eventLoop.currentMs > this.limits.eventLoopDelayMs;
  }

  private refuse(): void {
    this.refused += 1;
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.loggedAtMs < LOG_INTERVAL_MS) return;
    const event_loop_delay_ms = Math.round(this.eventLoop.currentMs);
    this.log.warn({ refused: this.refused, in_flight: this.inFlight, event_loop_delay_ms }, 'overloaded');
    this.loggedAtMs = nowMs;
    this.refused = 0;
  }
}
