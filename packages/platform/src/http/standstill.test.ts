import { watchStandstill } from './standstill';

describe('how long a process stood still', () => {
  let at = 0;
  const now = () => at;
  beforeEach(() => {
    jest.useFakeTimers();
    at = 0;
  });
  afterEach(() => jest.useRealTimers());

  /** Timers fire in time. */
  function goOn(ms: number): void {
    for (let left = ms; left > 0; left -= 100) {
      at += 100;
      jest.advanceTimersByTime(100);
    }
  }
  /** Nothing happens, and the clock goes on. */
  const standStill = (ms: number) => void (at += ms);

  it('is nothing where timers fire, or are late by what is usual', () => {
    const watch = watchStandstill(now);
    goOn(5_000);
    standStill(400);
    goOn(5_000);
    expect(watch.lately(60_000)).toBe(0);
  });

  it('is known at once on waking, before any timer has fired, and counted once', () => {
    const watch = watchStandstill(now);
    goOn(1_000);
    standStill(10_000);
    expect(watch.lately(60_000)).toBeGreaterThanOrEqual(9_500);
    goOn(1_000);
    expect(watch.lately(60_000)).toBeLessThanOrEqual(10_500);
  });

  it('adds up within the time that is asked for, and is forgotten after it', () => {
    const watch = watchStandstill(now);
    standStill(3_000);
    goOn(1_000);
    standStill(4_000);
    goOn(1_000);
    expect(watch.lately(60_000)).toBeGreaterThanOrEqual(6_000);
    expect(watch.lately(2_000)).toBeLessThan(4_001);
    goOn(5_000);
    expect(watch.lately(2_000)).toBe(0);
  });
});
