import { failpoint } from '@tael/platform/failpoint';
import type { Logger } from '@tael/platform/log';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { restMs } from '../bank-orders/bank-order.domain';
import { bookChargeBack } from '../charge-backs/charge-back.booking.service';
import type { ChargeBackReason } from '../charge-backs/charge-back.domain';
import { lockPerson } from '../limits/movement.service';
import { type CardProcessor, type ChargeResult, ProcessorUnavailable } from '../processor/card-processor.port';
import { chargeKeyOf, topUpOf } from '../top-ups/charge.key';
import { failTopUp, settleTopUp } from '../top-ups/top-up-booking.service';
import type { TopUpEntity } from '../top-ups/top-up.entity';
import {
  type ChargeWord, decideNotice, decideUnknown, isKnown, type NoticeOutcome, type NoticeType, stateOf, transition, type Unconfirmed,
} from './charge-notice.domain';
import type { ChargeNotice } from './charge-notice.reader';

interface ChargeNoticeParts {
  readonly dataSource: DataSource;
  readonly processor: CardProcessor;
  readonly log: Logger;
  readonly now: () => Date;
}

/** A notice in the hands of this worker. */
interface ClaimedNotice {
  readonly id: string;
  readonly type: NoticeType;
  readonly chargeKey: string;
  readonly ageMs: number;
}

type Answer = ChargeResult | { readonly status: 'silent' };

// Longer than what one worker does with a notice: one question of 4 s, and the booking.
const LEASE_SECONDS = 20;
/** How many notices one round takes on, and how many of them beside each other. */
const ROUND = 50;
const WORKERS = 5;
/** So long a notice is kept whose end is no question. */
const KEPT_DAYS = 90;
const FORGOTTEN_AT_ONCE = 1_000;

/**
 * Notices of the card processor. One is kept before it is answered, and worked off after: the processor is asked what became of the charge,
 * outside of any transaction, and what it answers is booked together with the end of the notice.
 */
export class ChargeNoticeService {
  constructor(private readonly parts: ChargeNoticeParts) {}

  /** Keeps a notice; one that came before is the same. */
  async keep({ id, type, key }: ChargeNotice): Promise<void> {
    await this.parts.dataSource.query(
      `/* chargeNotices.keep */ INSERT INTO charge_notice (id, type, "chargeKey", "receivedAt", attempts, "lookAt")
       VALUES ($1, $2, $3, clock_timestamp(), 0, clock_timestamp()) ON CONFLICT (id) DO NOTHING`,
      [id, type, key],
    );
    failpoint('charge-notice.kept');
  }

  /** Works off what is open and whose time has come. Gives how many notices it took on. */
  async workOff(stopped = () => false): Promise<number> {
    const [claimed]: [ClaimedNotice[], number] = await this.parts.dataSource.query(
      `/* chargeNotices.claim */ UPDATE charge_notice n SET attempts = n.attempts + 1, "lookAt" = clock_timestamp() + make_interval(secs => $2)
       FROM (SELECT id FROM charge_notice WHERE "endedAt" IS NULL AND "lookAt" <= clock_timestamp() ORDER BY "lookAt" LIMIT $1
         FOR NO KEY UPDATE SKIP LOCKED) due
       WHERE n.id = due.id
       RETURNING n.id, n.type, n."chargeKey", (extract(epoch FROM clock_timestamp() - n."receivedAt") * 1000)::float8 AS "ageMs"`,
      [ROUND, LEASE_SECONDS],
    );
    const waiting = [...claimed];
    const worker = async (): Promise<void> => {
      for (let notice = waiting.shift(); notice && !stopped(); notice = waiting.shift()) await this.workOffOne(notice);
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
    return claimed.length;
  }

  private async workOffOne(notice: ClaimedNotice): Promise<void> {
    failpoint('charge-notice.claimed');
    await this.decide(notice);
    failpoint('charge-notice.ended');
  }

  private async decide(notice: ClaimedNotice): Promise<void> {
    const topUpId = topUpOf(notice.chargeKey);
    const [topUp]: Pick<TopUpEntity, 'id' | 'amount' | 'currency' | 'status' | 'chargeId' | 'returnedAt'>[] = topUpId === undefined ? [] : await this.parts.dataSource.query(
      '/* chargeNotices.topUp */ SELECT id, amount, currency, status, "chargeId", "returnedAt" FROM top_up WHERE id = $1', [topUpId],
    );
    if (!topUp) return this.follow(notice, decideUnknown(notice.ageMs));
    if (isKnown(notice.type, stateOf(topUp))) return this.end(this.parts.dataSource.manager, notice, 'NOTHING_NEW');
    const answer = await this.ask(topUp);
    const step = decideNotice(notice.type, answer, notice.ageMs);
    if (step.do !== 'BOOK') return this.follow(notice, step);
    await this.book(notice, topUp.id, step.word, 'chargeId' in answer ? answer.chargeId : '');
  }

  private async ask({ id, amount, currency }: Pick<TopUpEntity, 'id' | 'amount' | 'currency'>): Promise<Answer> {
    const { processor, log } = this.parts;
    try {
      return await processor.chargeByKey(chargeKeyOf(id), { amount, currency });
    } catch (error) {
      if (!(error instanceof ProcessorUnavailable)) throw error;
      log.warn({ error, topUpId: id }, 'the card processor gave no clear answer about a charge that it told of');
      return { status: 'silent' };
    }
  }

  private async follow(notice: ClaimedNotice, step: Unconfirmed): Promise<void> {
    const { dataSource, log } = this.parts;
    if (step.do === 'END') {
      log.error({ noticeId: notice.id, type: notice.type, outcome: step.outcome }, 'a notice of the card processor came to nothing: it is kept for a person');
      return this.end(dataSource.manager, notice, step.outcome);
    }
    await dataSource.query(
      `/* chargeNotices.rest */ UPDATE charge_notice SET "lookAt" = clock_timestamp() + make_interval(secs => $2) WHERE id = $1 AND "endedAt" IS NULL`,
      [notice.id, restMs(notice.ageMs) / 1_000],
    );
  }

  /** Books what the processor answered and ends the notice, or neither. */
  private async book(notice: ClaimedNotice, topUpId: string, word: ChargeWord, chargeId: string): Promise<void> {
    const { dataSource, log, now } = this.parts;
    await inTransaction(dataSource, async (tx) => {
      const [topUp]: TopUpEntity[] = await tx.query('/* chargeNotices.lock */ SELECT * FROM top_up WHERE id = $1 FOR NO KEY UPDATE', [topUpId]);
      const state = stateOf(topUp!);
      const { steps, contradicts } = transition(state, word);
      if (contradicts) log.error({ noticeId: notice.id, topUpId, state, word }, 'the card processor takes back what it said of a charge: nothing is booked, and somebody has to ask it');
      if (state === 'GIVEN_UP' && steps.includes('SETTLE')) log.error({ topUpId, chargeId }, 'a top-up that was given up was charged after all: it is settled');
      // Before the wallet, as every movement locks them: who withdraws meanwhile waits, and then owes.
      if (steps.includes('RETURN')) await lockPerson(tx, topUp!.personId);
      for (const step of steps) {
        if (step === 'RETURN') await bookChargeBack(tx, topUp!, word as ChargeBackReason);
        else if (step === 'SETTLE') await settleTopUp(tx, topUp!, { verdict: { end: 'SETTLED', chargeId }, traceparent: undefined });
        else await failTopUp(tx, topUp!, { verdict: { end: 'FAILED', reason: 'CARD_DECLINED', chargeId }, at: now(), traceparent: undefined });
      }
      await this.end(tx, notice, contradicts ? 'CONTRADICTS' : steps.length > 0 ? 'BOOKED' : 'NOTHING_NEW');
    });
  }

  private async end(tx: Tx, { id }: ClaimedNotice, outcome: NoticeOutcome): Promise<void> {
    await tx.query(
      `/* chargeNotices.end */ UPDATE charge_notice SET "endedAt" = clock_timestamp(), outcome = $2 WHERE id = $1 AND "endedAt" IS NULL`, [id, outcome],
    );
  }

  /** Forgets old notices, but none that is for a person to look at. */
  async forget(): Promise<void> {
    await this.parts.dataSource.query(
      `/* chargeNotices.forget */ DELETE FROM charge_notice WHERE id IN (SELECT id FROM charge_notice
         WHERE "endedAt" < clock_timestamp() - make_interval(days => $1) AND outcome IN ('BOOKED', 'NOTHING_NEW') LIMIT $2)`,
      [KEPT_DAYS, FORGOTTEN_AT_ONCE],
    );
  }
}
