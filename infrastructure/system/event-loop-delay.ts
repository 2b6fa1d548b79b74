/** How often the event loop is sampled. */
const SAMPLE_INTERVAL_MS = 50;
/** The weight of a new sample. */
const WEIGHT = 0.1;
/** What a sample counts at most: a single stall is no overload, however long, but several late samples in a row are. */
const SAMPLE_MAX_MS = 1_000;

/** Measures how late the event loop is, which is how long everything that arrives has to wait. */
export class EventLoopDelay {
  private smoothedMs = 0;
  private sampledAtMs = performance.now();
  private readonly timer = setInterval(() => this.sample(), SAMPLE_INTERVAL_MS).unref();

  /** The delay in milliseconds, smoothed over about a second. */
  get currentMs(): number {
    return this.smoothedMs;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private sample(): void {
    const nowMs = performance.now();
    const lateMs = Math.min(SAMPLE_MAX_MS, Math.max(0, nowMs - this.sampledAtMs - SAMPLE_INTERVAL_MS));
    this.sampledAtMs = nowMs;
    this.smoothedMs += WEIGHT * (lateMs - this.smoothedMs);
  }
}
