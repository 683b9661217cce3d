import type { Logger } from '@tael/platform/log';
import { traceparent } from '@tael/platform/telemetry';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { CampaignService } from './campaign.service';

const INTERVAL_MS = 1_000;

/** Notes the ends of campaigns as they pass, once a second. */
export function startCampaignEndWorker({ campaigns, log }: { campaigns: CampaignService; log: Logger }): WorkLoop {
  return startWorkLoop({
    name: 'ends of campaigns',
    idleMs: INTERVAL_MS,
    log,
    work: async () => {
      const ended = await campaigns.endDue(traceparent());
      if (ended > 0) log.info({ ended }, 'campaigns have ended');
      return ended;
    },
  });
}
