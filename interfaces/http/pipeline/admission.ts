import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import { Overloaded } from '../errors/http-errors.ts';
import { OverloadLog } from './overload-log.ts';
import type { RequestState } from './request-state.ts';

/** When the server refuses requests, so that those which it admits get their responses in time. */
export interface AdmissionLimits {
  /** Requests under way in this process. */
  readonly inFlight: number;
  /** How late the event loop may be, in milliseconds. A request waits for it at least twice. */
  readonly eventLoopDelayMs: number;
}

export const ADMISSION_LIMITS: AdmissionLimits = { inFlight: 1_000, eventLoopDelayMs: 150 };

/** Refuses requests at once while the server has more of them than it can answer in time. */
export class Admission {
  private inFlight = 0;
  private readonly overloadLog: OverloadLog;

  constructor(
    log: Pick<Logger, 'warn'>,
    clock: Pick<Clock, 'monotonicMs'>,
    private readonly eventLoop: { readonly currentMs: number } = { currentMs: 0 },
    private readonly limits: AdmissionLimits = ADMISSION_LIMITS,
  ) {
    this.overloadLog = new OverloadLog(log, clock);
  }

  /** @param isExempt tells the requests that are always admitted */
  guard(isExempt: (path: string) => boolean): Middleware<RequestState> {
    return async (ctx, next) => {
      if (this.isOverloaded && !isExempt(ctx.path)) {
        const event_loop_delay_ms = Math.round(this.eventLoop.currentMs);
        this.overloadLog.countRefusal({ in_flight: this.inFlight, event_loop_delay_ms });
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
}
