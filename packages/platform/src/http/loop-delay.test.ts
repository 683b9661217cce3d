import { createLoopDelay } from './loop-delay';

describe('the delay of the event loop', () => {
  afterEach(() => jest.useRealTimers());

  it('is what two looks in a row agree on: one pause does not count', () => {
    jest.useFakeTimers();
    let at = 0;
    const delay = createLoopDelay(() => at);
    const look = (afterMs: number): number => {
      at += afterMs;
      jest.advanceTimersByTime(100);
      return delay.lateMs();
    };
    expect(look(100)).toBe(0);
    expect(look(20_000)).toBe(0);
    expect(look(100)).toBe(0);
    expect(look(400)).toBe(0);
    expect(look(250)).toBe(150);
    expect(look(1_000)).toBe(150);
    delay.close();
  });
});
