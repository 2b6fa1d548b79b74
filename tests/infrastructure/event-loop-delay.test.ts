import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventLoopDelay } from '../../infrastructure/system/event-loop-delay.ts';
import { ADMISSION_LIMITS } from '../../interfaces/http/pipeline/admission.ts';

const SAMPLE_MS = 50;

/** Takes a sample of an event loop that is late by so many milliseconds. */
function sample(lateMs: number): void {
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + SAMPLE_MS + lateMs);
  vi.advanceTimersByTime(SAMPLE_MS);
}

describe('the delay of the event loop', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('is no overload after a single stall, however long', () => {
    const delay = new EventLoopDelay();
    sample(60_000);
    expect(delay.currentMs).toBeGreaterThan(0);
    expect(delay.currentMs).toBeLessThan(ADMISSION_LIMITS.eventLoopDelayMs);
    delay.stop();
  });

  it('is an overload after two stalls of a second in a row, and after a second of samples that are late', () => {
    for (const late of [[1_000, 1_000], Array(20).fill(200)]) {
      const delay = new EventLoopDelay();
      for (const lateMs of late) sample(lateMs);
      expect(delay.currentMs).toBeGreaterThan(ADMISSION_LIMITS.eventLoopDelayMs);
      delay.stop();
    }
  });

  it('goes back to zero', () => {
    const delay = new EventLoopDelay();
    for (const lateMs of [1_000, 1_000, ...Array(60).fill(0)]) sample(lateMs);
    expect(delay.currentMs).toBeLessThan(1);
    delay.stop();
  });
});
