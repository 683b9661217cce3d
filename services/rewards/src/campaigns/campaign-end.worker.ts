import type { Logger } from '@tael/platform/log';
import { traceparent } from '@tael/platform/telemetry';
import type { CampaignService } from './campaign.service';

const INTERVAL_MS = 1_000;

export interface CampaignEndWorker {
  stop(): Promise<void>;
}

/** Notes the ends of campaigns as they pass, once a second. */
export function startCampaignEndWorker(options: { campaigns: CampaignService; log: Logger }): CampaignEndWorker {
  const { campaigns, log } = options;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;

  async function tick(): Promise<void> {
    try {
      const ended = await campaigns.endDue(traceparent());
      if (ended > 0) log.info({ ended }, 'campaigns have ended');
    } catch (error) {
      log.warn({ error }, 'the ends of campaigns could not be noted: trying again');
    }
    if (!stopped) schedule();
  }
  function schedule(): void {
    timer = setTimeout(() => (running = tick()), INTERVAL_MS);
  }

  schedule();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
