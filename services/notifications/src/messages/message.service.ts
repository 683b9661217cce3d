import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Logger } from '@tael/platform/log';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { InboxService } from '../inbox/inbox.service';
import type { MerchantService } from '../merchants/merchant.service';
import type { OfferFacts } from '../offers/offer.facts';
import type { Person, PersonService } from '../people/person.service';
import { lockMarketing, type PreferencesService } from '../preferences/preferences.service';
import type { MessageFacts, MessageNames } from '../templates/render';
import { type TemplateName, TEMPLATES } from '../templates/template.catalogue';
import { type Decision, decide, type MessageClass, type Verdict } from './gate.domain';
import { leavesTheDay, quietUntil } from './local-day';
import type { MessageDraft } from './message.domain';

export interface Intent {
  readonly id: string;
  readonly personId: string;
  readonly class: MessageClass;
  readonly template: TemplateName;
  readonly facts: MessageFacts;
  readonly transactionId: string | null;
  readonly merchantId: string | null;
  readonly counterpartyId: string | null;
  readonly campaignId: string | null;
  readonly validUntil: Date | null;
  readonly nameBy: Date;
  readonly attempts: number;
}

export interface MessageServiceParts {
  readonly dataSource: DataSource;
  readonly log: Logger;
  readonly people: PersonService;
  readonly merchants: MerchantService;
  readonly preferences: PreferencesService;
  readonly offers: OfferFacts;
  readonly inbox: InboxService;
  readonly now: () => Date;
}

/** How long a message waits for a name that another topic brings, before it does without. */
const NAME_WAIT_MS = 10_000;
const RETRY_MAX_MS = 60_000;
const TRACE_MAX = 10;

const COLUMNS = `id, "personId", class, template, facts, "transactionId", "merchantId", "counterpartyId", "campaignId",
  "validUntil", "nameBy", attempts`;

const later = (now: Date, ms: number): Date => new Date(now.getTime() + ms);
const retryMs = (attempts: number): number => Math.min(500 * 2 ** Math.min(attempts, 10), RETRY_MAX_MS);

/**
 * Takes messages that events ask for, and brings each through its gates: to a written message, a later look, or an
 * end.
 */
export class MessageService {
  constructor(private readonly parts: MessageServiceParts) {}

  /**
   * Takes a message in the transaction of its event, once for each dedupe key. Offers are decided on by the worker,
   * since they wait for each other; all else is written at once where nothing is missing.
   */
  async raise(tx: Tx, draft: MessageDraft): Promise<void> {
    const now = this.parts.now();
    const rows: Intent[] = await tx.query(
      `/* message.raise */ INSERT INTO intent (id, "dedupeKey", "personId", class, template, facts, "transactionId",
        "merchantId",
         "counterpartyId", "campaignId", status, reason, "dueAt", "validUntil", "nameBy", attempts, trace, "createdAt")
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'OPEN', NULL, $11, $12, $13, 0, $14, $11)
       ON CONFLICT ("dedupeKey") DO NOTHING RETURNING ${COLUMNS}`,
      [
        uuidv7(),
        draft.dedupeKey,
        draft.personId,
        draft.class,
        draft.template,
        JSON.stringify(draft.facts),
        draft.transactionId ?? null,
        draft.merchantId ?? null,
        draft.counterpartyId ?? null,
        draft.campaignId ?? null,
        now,
        draft.validUntil,
        later(now, NAME_WAIT_MS),
        JSON.stringify(
          draft.because ? [{ at: now, verdict: 'RAISED', steps: [{ gate: 'HABIT', said: draft.because }] }] : [],
        ),
      ],
    );
    if (rows[0] && rows[0].class !== 'MARKETING') await this.settle(tx, rows[0]);
  }

  /** Decides on the messages that are due, each in a transaction of its own. Gives how many were looked at. */
  async settleDue(limit: number): Promise<number> {
    const { dataSource, log, now } = this.parts;
    const due: { id: string }[] = await dataSource.query(
      `/* message.due */ SELECT id FROM intent WHERE status = 'OPEN' AND "dueAt" <= $1 ORDER BY "dueAt" LIMIT $2`,
      [now(), limit],
    );
    for (const { id } of due) {
      try {
        await inTransaction(dataSource, (tx) => this.settleOne(tx, id));
      } catch (error) {
        log.error({ error, intentId: id }, 'a message could not be decided on');
        await this.postpone(id);
      }
    }
    return due.length;
  }

  private async settleOne(tx: Tx, id: string): Promise<void> {
    const [intent]: Intent[] = await tx.query(
      `/* message.claim */ SELECT ${COLUMNS} FROM intent WHERE id = $1 AND status = 'OPEN' AND "dueAt" <= $2 FOR
        UPDATE SKIP LOCKED`,
      [id, this.parts.now()],
    );
    if (intent) await this.settle(tx, intent);
  }

  private async postpone(id: string): Promise<void> {
    const now = this.parts.now();
    await this.parts.dataSource.query(
      `/* message.postpone */ UPDATE intent SET attempts = attempts + 1, "dueAt" = $2 WHERE id = $1 AND status =
        'OPEN'`,
      [id, later(now, RETRY_MAX_MS)],
    );
  }

  private async settle(tx: Tx, intent: Intent): Promise<void> {
    const { people, now } = this.parts;
    const person = await people.find(tx, intent.personId);
    if (!person)
      return this.wait(tx, intent, { reason: 'PERSON_UNKNOWN', until: later(now(), retryMs(intent.attempts)) });
    const names = await this.namesFor(tx, intent);
    if (names.missing && now() < intent.nameBy) {
      const until = Math.min(later(now(), retryMs(intent.attempts)).getTime(), intent.nameBy.getTime());
      return this.wait(tx, intent, { reason: 'NAME_UNKNOWN', until: new Date(until) });
    }
    const decision = await this.decisionOn(tx, intent, person);
    await this.apply(tx, { intent, person, names, decision });
  }

  private async namesFor(tx: Tx, intent: Intent): Promise<MessageNames & { missing: boolean }> {
    const { merchants, people } = this.parts;
    const merchant = intent.merchantId ? await merchants.nameOf(tx, intent.merchantId) : undefined;
    const counterparty = intent.counterpartyId ? await people.find(tx, intent.counterpartyId) : undefined;
    return {
      merchant: merchant ?? undefined,
      counterparty: counterparty?.displayName,
      missing: merchant === null || counterparty === null,
    };
  }

  private async decisionOn(tx: Tx, intent: Intent, person: Person): Promise<Decision> {
    const { preferences, offers, inbox } = this.parts;
    const marketing = intent.class === 'MARKETING';
    if (marketing) await lockMarketing(tx, person.id);
    // After the lock: a change of mind that was first is seen, one that comes later reaches what this transaction
    // wrote.
    const now = this.parts.now();
    const choices = await preferences.of(person.id, tx);
    const sent = marketing ? await inbox.lastOffers(tx, person.id, choices.maximumMarketingPerDay) : [];
    return decide({
      now,
      class: intent.class,
      validUntil: intent.validUntil,
      channels: TEMPLATES[intent.template].channels,
      preferences: choices,
      quietUntil: quietUntil(choices.quietHours, person.timeZone, now),
      marketingLeaves: sent.map((at) => leavesTheDay(at, person.timeZone)),
      offerActs: !intent.campaignId || (await offers.acts(tx, intent.campaignId, now)),
    });
  }

  private async apply(
    tx: Tx,
    { intent, person, names, decision }: { intent: Intent; person: Person; names: MessageNames; decision: Decision },
  ): Promise<void> {
    const { verdict } = decision;
    if (verdict.kind === 'SEND') {
      await this.parts.inbox.write(tx, {
        intent,
        person,
        names,
        channels: verdict.channels,
        othersFrom: verdict.othersFrom,
      });
    }
    await tx.query(
      `/* message.decide */ UPDATE intent SET status = $2, reason = $3, "dueAt" = coalesce($4, "dueAt"),
         attempts = attempts + 1, trace = jsonb_path_query_array(trace || $5::jsonb, '$[last - ${TRACE_MAX - 1} to last]')
       WHERE id = $1`,
      [
        intent.id,
        statusOf(verdict),
        'reason' in verdict ? verdict.reason : null,
        verdict.kind === 'HOLD' ? verdict.until : null,
        JSON.stringify([{ at: this.parts.now(), verdict: verdict.kind, steps: decision.steps }]),
      ],
    );
  }

  private async wait(tx: Tx, intent: Intent, { reason, until }: { reason: string; until: Date }): Promise<void> {
    await tx.query(
      '/* message.wait */ UPDATE intent SET reason = $2, "dueAt" = $3, attempts = attempts + 1 WHERE id = $1',
      [intent.id, reason, until],
    );
  }
}

const statusOf = (verdict: Verdict): string => ({ SEND: 'SENT', HOLD: 'OPEN', DROP: 'DROPPED' })[verdict.kind];
