import type { LeftOut } from '@tael/partner-graph';
import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { gauge } from '@tael/platform/metrics';
import { createInstances } from '../callers/instances';
import { LIVE_SUBGRAPHS_PATH, type PartnerSubgraph } from './partner-subgraph.list';

const TIMEOUT_MS = 3_000;
const REASON_LENGTH_MAX = 500;
const gateway: Identity = { principal: null, locale: 'en', reference: 'left-out-subgraphs', traceparent: '', address: '' };

/** Tells of the banks that operators have let in and that this gateway's graph cannot have. */
export interface LeftOutReport {
  /** What is left out from now on. Told again at each attempt, since merchants forgets what nobody repeats. */
  tell(leftOut: readonly LeftOut<PartnerSubgraph>[]): void;
}

export function createLeftOutReport(options: {
  urls: readonly string[];
  identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  log: Logger;
  now: () => number;
}): LeftOutReport {
  const { urls, identityKeys, log, now } = options;
  const merchants = createInstances(urls.map((url) => new URL(`${LIVE_SUBGRAPHS_PATH}/left-out`, url).href));
  let known: readonly LeftOut<PartnerSubgraph>[] = [];
  gauge({
    name: 'tael_partner_subgraphs_left_out',
    help: 'Subgraphs of banks that are approved and do not fit into the graph of this gateway; 1 each, instead: what the bank has in its place.',
    labels: ['slug', 'instead'],
    collect(level) {
      level.reset();
      for (const { wished, instead } of known) level.set({ slug: wished.slug, instead: instead ? 'FORMER' : 'NOTHING' }, 1);
    },
  });

  async function send(leftOut: readonly LeftOut<PartnerSubgraph>[]): Promise<void> {
    const body = JSON.stringify({
      leftOut: leftOut.map(({ wished, instead, reason }) => ({ id: wished.id, instead: instead?.id ?? null, reason: reason.slice(0, REASON_LENGTH_MAX) })),
    });
    await merchants.first(async (url) => {
      const response = await fetch(url, {
        method: 'POST', body, signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error',
        headers: { 'content-type': 'application/json', [IDENTITY_HEADER]: signIdentity(gateway, body, identityKeys, now()) },
      });
      if (!response.ok) throw new Error(`the report about left out subgraphs was answered ${response.status}`);
    });
  }

  return {
    tell(leftOut) {
      const isNew = leftOut.some(({ wished, instead }) => !known.some((one) => one.wished.id === wished.id && one.instead?.id === instead?.id));
      known = leftOut;
      if (leftOut.length === 0) return;
      if (isNew) {
        for (const { wished: { id, slug }, instead, reason } of leftOut) {
          log.error({ id, slug, instead: instead?.id ?? null, reason }, 'a subgraph of a bank does not fit into the graph and is left out');
        }
      }
      send(leftOut).catch((error: unknown) => log.warn({ error }, 'merchants could not be told which subgraphs of banks are left out'));
    },
  };
}
