import type { Logger } from '@tael/platform/log';
import type { AttemptService } from '../sessions/attempt.service';
import { startTopUpLoop } from '../top-ups/top-up.loop';
import type { TopUpService } from '../top-ups/top-up.service';
import { startChargeNoticeLoop } from './charge-notice.loop';
import type { ChargeNoticeService } from './charge-notice.service';

interface CardLoopParts {
  readonly topUps: TopUpService;
  readonly attempts: AttemptService;
  readonly chargeNotices: ChargeNoticeService;
  readonly log: Logger;
}

/** Starts all that goes on about cards beside requests. */
export function startCardLoops(parts: CardLoopParts): { stop(): Promise<unknown> } {
  const loops = [startTopUpLoop(parts), startChargeNoticeLoop(parts)];
  return { stop: () => Promise.all(loops.map((loop) => loop.stop())) };
}
