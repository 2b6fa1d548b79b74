import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import { Overloaded } from '../errors/http-errors.ts';
import { OverloadLog } from './overload-log.ts';
import type { RequestContext } from './request-state.ts';

/** How many bytes of responses may wait in memory for their clients to read them. A single response may exceed it. */
export interface UnreadLimits {
  /** Of one user. */
  readonly userBytes: number;
  /** Of all users of this process. Large responses get at most half of it, so that slow readers of them do not stop others. */
  readonly totalBytes: number;
}

const MIB = 1024 * 1024;

export const UNREAD_LIMITS: UnreadLimits = { userBytes: 16 * MIB, totalBytes: 128 * MIB };

/**
 * What a response in pieces counts as until it ends, whatever its length: a piece that is being sent and one that is being
 * made. So a user has at most 8 of them, and a process 32.
 */
export const PIECES_BYTES = 2 * MIB;

/** A response above this size is large: a list of hundreds of tasks is not. */
const LARGE_BYTES = 256 * 1024;

/** A response up to this size is not counted: a connection has one at a time. */
const SMALL_BYTES = 16 * 1024;

/**
 * Time without progress after which a counted response is cut off, at the latest after twice as long: Node.js takes what
 * was sent since its last look for progress.
 */
const STALL_TIMEOUT_MS = 15_000;

/** Refuses to send more responses while too many bytes of earlier ones are unread. */
export class UnreadResponses {
  private totalBytes = 0;
  private readonly bytesByUser = new Map<string, number>();
  private readonly overloadLog: OverloadLog;

  constructor(
    log: Pick<Logger, 'warn'>,
    clock: Pick<Clock, 'monotonicMs'>,
    private readonly limits: UnreadLimits = UNREAD_LIMITS,
  ) {
    this.overloadLog = new OverloadLog(log, clock);
  }

  /**
   * Counts a response until it is sent or its client has gone.
   *
   * @throws Overloaded if its user or the process has too many unread bytes
   */
  admit({ res, state }: Pick<RequestContext, 'res' | 'state'>, bytes: number): void {
    if (bytes <= SMALL_BYTES || res.destroyed) return;
    const user: string = state.user ?? '';
    const bytesOfUser = this.bytesByUser.get(user) ?? 0;
    if (exceeds(bytesOfUser, bytes, this.limits.userBytes)) throw new Overloaded(READ_FIRST);
    const limit = bytes > LARGE_BYTES ? this.limits.totalBytes / 2 : this.limits.totalBytes;
    if (exceeds(this.totalBytes, bytes, limit)) {
      this.overloadLog.countRefusal({ unread_bytes: this.totalBytes });
      throw new Overloaded();
    }
    this.add(user, bytes);
    res.once('close', () => this.add(user, -bytes));
    res.socket?.setTimeout(Math.min(res.socket.timeout || STALL_TIMEOUT_MS, STALL_TIMEOUT_MS));
  }

  private add(user: string, bytes: number): void {
    this.totalBytes += bytes;
    const bytesOfUser = (this.bytesByUser.get(user) ?? 0) + bytes;
    if (bytesOfUser === 0) this.bytesByUser.delete(user);
    else this.bytesByUser.set(user, bytesOfUser);
  }
}

const READ_FIRST = 'Too many responses to your earlier requests are still unread, read them first';

function exceeds(unread: number, more: number, limit: number): boolean {
  return unread > 0 && unread + more > limit;
}
