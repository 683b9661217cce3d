import { type BankAnswer, readAnswer, signRequest } from '@tael/partner-graph';
import { counter, histogram } from '@tael/platform/metrics';
import { pairwiseSubject } from '@tael/platform/pairwise';
import type { KeyObject } from 'node:crypto';
import { answered, asked, type Breaker, type BreakerState, CLOSED, failed, stateOf } from './breaker.domain';
import { createPartnerConnection } from './partner-subgraph.connection';
import { type FaultKind, PartnerFault } from './partner-subgraph.faults';
import type { PartnerSubgraph } from './partner-subgraph.list';

/** So many requests to one bank run at the same time: one that is slow takes no more of us than that. */
export const PLACES = 20;

const requests = counter({
  name: 'tael_partner_subgraph_requests_total', help: 'Requests to subgraphs of banks, by bank and what came of them.', labels: ['slug', 'outcome'],
});
const seconds = histogram({ name: 'tael_partner_subgraph_seconds', help: 'Time of requests to subgraphs of banks that were sent.', labels: ['slug'] });

/** What every request to a bank is made with. */
export interface CallSettings {
  readonly signing: { readonly id: string; readonly privateKey: KeyObject };
  readonly subjectKey: Buffer;
  readonly allowHttp: boolean;
  /** Signatures have the time of the platform, the breaker that of this process. */
  readonly now: () => number;
  readonly isLive: (subgraph: PartnerSubgraph) => boolean;
  /** How long an answer may take in all; a second unless told. */
  readonly answerMs?: number | undefined;
}

/** Asks one bank's subgraph, with what is known of how it fares. */
export interface PartnerCaller {
  /** @throws PartnerFault */
  ask(body: string, personId: string | undefined): Promise<BankAnswer>;
  breaker(): BreakerState;
  close(): void;
}

function read(slug: string, text: string): BankAnswer {
  const answer = readAnswer(text);
  if (!answer) throw new PartnerFault(slug, 'NO_RESULT');
  return answer;
}

/**
 * Makes what asks a bank: signed, in bounds of time, size and number. Each request is one person's; equal ones are never merged
 * and nothing is kept, since a bank may tell each person something else.
 */
export function createPartnerCaller(subgraph: PartnerSubgraph, settings: CallSettings): PartnerCaller {
  const { slug, partnerId, address } = subgraph;
  const { signing, subjectKey, now, isLive } = settings;
  const connection = createPartnerConnection({ slug, address, allowHttp: settings.allowHttp, socketsMax: PLACES, answerMs: settings.answerMs });
  // What is signed is the address as the bank was told that we have it.
  const url = URL.canParse(address) ? new URL(address).href : address;
  let breaker: Breaker = CLOSED;
  let running = 0;

  const refuse = (kind: FaultKind): PartnerFault => new PartnerFault(slug, kind);

  function enter(): void {
    if (!isLive(subgraph)) throw refuse('NOT_LIVE');
    if (running >= PLACES) throw refuse('FULL');
    const { may, next } = asked(breaker, performance.now());
    breaker = next;
    if (!may) throw refuse('OPEN');
    running++;
  }

  async function send(body: string, personId: string | undefined): Promise<BankAnswer> {
    const subject = personId === undefined ? undefined : pairwiseSubject(subjectKey, partnerId, personId);
    const begun = performance.now();
    try {
      const answer = read(slug, await connection.post(body, async () => ({ ...(await signRequest({ url, body, subject }, signing, now())) })));
      breaker = answered();
      return answer;
    } catch (error) {
      breaker = failed(breaker, performance.now());
      throw error instanceof PartnerFault ? error : refuse('CONNECTION');
    } finally {
      running--;
      seconds.observe({ slug }, (performance.now() - begun) / 1_000);
    }
  }

  return {
    async ask(body, personId) {
      try {
        enter();
        const answer = await send(body, personId);
        requests.inc({ slug, outcome: answer.hasErrors ? 'ERRORS' : 'ANSWERED' });
        return answer;
      } catch (error) {
        requests.inc({ slug, outcome: error instanceof PartnerFault ? error.kind : 'CONNECTION' });
        throw error;
      }
    },
    breaker: () => stateOf(breaker, performance.now()),
    close: connection.close,
  };
}

