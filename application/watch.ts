import type { UserId } from '../domain/user-id.ts';

/** What a client is told: the position of the last write, or that nothing has changed for a while. */
export type Hint = { readonly position: number } | 'unchanged';

/** How long a client hears nothing at most, in milliseconds. Proxies close connections that are silent for longer. */
export const HEARTBEAT_MS = 20_000;

/** One client that waits for changes. Nothing is queued: a slow client gets the newest position only. */
export class Watch {
  private toldPosition: number | undefined;
  private quietMs = 0;
  private closed = false;
  private receive: ((hint: Hint | undefined) => void) | undefined;

  /**
   * @param endsAtMs when it has to end, in milliseconds since 1970
   * @param position the position that the client is told first
   * @param onClose called once
   */
  constructor(
    readonly owner: UserId,
    readonly endsAtMs: number,
    private position: number,
    private readonly onClose: () => void,
  ) {}

  /** Waits for the next hint; `undefined` once the watch has ended. Call it again only after it has resolved. */
  next(): Promise<Hint | undefined> {
    return new Promise((resolve) => {
      this.receive = resolve;
      this.deliver();
    });
  }

  /** Notes the present position. */
  update(position: number): void {
    this.position = position;
    this.deliver();
  }

  /** Notes that time has passed, in milliseconds. */
  elapse(milliseconds: number): void {
    this.quietMs += milliseconds;
    this.deliver();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.deliver();
    this.onClose();
  }

  private deliver(): void {
    const { receive, position } = this;
    const isNew = position !== this.toldPosition;
    if (receive === undefined || !(this.closed || isNew || this.quietMs >= HEARTBEAT_MS)) return;
    this.receive = undefined;
    this.quietMs = 0;
    this.toldPosition = position;
    if (this.closed) receive(undefined);
    else receive(isNew ? { position } : 'unchanged');
  }
}
