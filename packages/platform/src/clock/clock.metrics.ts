import { gauge } from '../metrics';
import type { SteadyClock } from './steady-clock';

/** Shows how wrong the clock of this process is. */
export function measureClock(clock: Pick<SteadyClock, 'aheadMs'>): void {
  gauge({
    name: 'tael_clock_ahead_seconds',
    help: 'How far the clock of this process is ahead of the time of the database.',
    collect: (made) => made.set(clock.aheadMs() / 1_000),
  });
}
