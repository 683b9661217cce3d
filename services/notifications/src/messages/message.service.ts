import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Logger } from '@tael/platform/log';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { PushSubscriptionService } from '../channels/push-subscription.service';
import type { InboxService, MessageToWrite } from '../inbox/inbox.service';
import type { MerchantService } from '../merchants/merchant.service';
import type { OfferFacts } from '../offers/offer.facts';
import type { Person, PersonService } from '../people/person.service';
import { lockMarketing, type PreferencesService } from '../preferences/preferences.service';
import type { MessageFacts, MessageNames } from '../templates/render';
import { type TemplateName, TEMPLATES } from '../templates/template.catalogue';
import { type Decision, decide, type MessageClass, type Verdict } from './gate.domain';
import { insertIntents, type IntentRow, type Settled, updateIntents } from './intent.rows';
import { leavesTheDay, quietUntil } from './local-day';
import type { MessageDraft } from './message.domain';
import { type MessageSubjects, readSubjects } from './message.facts';

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
  readonly subscriptions: PushSubscriptionService;
  readonly offers: OfferFacts;
  readonly inbox: InboxService;
  readonly now: () => Date;
}

/** What became of a message, and what is to be written where it goes out. */
interface Outcome extends Settled {
  readonly message: MessageToWrite | null;
}

/** How long a message waits for a name that another topic brings, before it does without. */
const NAME_WAIT_MS = 10_000;
const RETRY_MAX_MS = 60_000;

const COLUMNS = `id, "personId", class, template, facts, "transactionId", "merchantId", "counterpartyId", "campaignId",
  "validUntil", "nameBy", attempts`;

const later = (now: Date, ms: number): Date => new Date(now.getTime() + ms);
const retryMs = (attempts: number): number => Math.min(500 * 2 ** Math.min(attempts, 10), RETRY_MAX_MS);
const WAITING = { status: 'OPEN', step: null, message: null } as const;

/**
 * Takes messages that events ask for, and brings each through its gates: to a written message, a later look, or an
 * end.
 */
export class MessageService {
  constructor(private readonly parts: MessageServiceParts) {}

  /** Takes one message; see {@link raiseAll}. */
  raise(tx: Tx, draft: MessageDraft): Promise<void> {
    return this.raiseAll(tx, [draft]);
  }

  /**
   * Takes messages in the transaction of their events, once for each dedupe key. Offers are decided on by the worker,
   * since they wait for each other; all else is written at once where nothing is missing.
   */
  async raiseAll(tx: Tx, drafts: readonly MessageDraft[]): Promise<void> {
    if (drafts.length === 0) return;
    const now = this.parts.now();
    const raised = [...new Map(drafts.map((draft) => [draft.dedupeKey, draft])).values()].map((draft) =>
      intentOf(draft, now),
    );
    const decided = await this.decideAll(
      tx,
      raised.filter((intent) => intent.class !== 'MARKETING'),
    );
    const outcomes = new Map(decided.map((outcome) => [outcome.intent.id, outcome]));
    const isNew = await insertIntents(
      tx,
      raised.map((intent) => ({ intent, outcome: outcomes.get(intent.id) })),
      now,
    );
    await this.write(
      tx,
      decided.filter((outcome) => isNew.has(outcome.intent.id)),
    );
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
    if (!intent) return;
    if (intent.class === 'MARKETING') await lockMarketing(tx, intent.personId);
    const outcomes = await this.decideAll(tx, [intent]);
    await updateIntents(tx, outcomes);
    await this.write(tx, outcomes);
  }

  private async postpone(id: string): Promise<void> {
    const now = this.parts.now();
    await this.parts.dataSource.query(
      `/* message.postpone */ UPDATE intent SET attempts = attempts + 1, "dueAt" = $2 WHERE id = $1 AND status =
        'OPEN'`,
      [id, later(now, RETRY_MAX_MS)],
    );
  }

  private async write(tx: Tx, outcomes: readonly Outcome[]): Promise<void> {
    await this.parts.inbox.writeAll(
      tx,
      outcomes.flatMap(({ message }) => (message ? [message] : [])),
    );
  }

  private async decideAll(tx: Tx, intents: readonly Intent[]): Promise<Outcome[]> {
    if (intents.length === 0) return [];
    // After the locks of offers: a change of mind that was first is seen, one that comes later reaches what this
    // transaction wrote.
    const subjects = await readSubjects(tx, this.parts, intents);
    const outcomes: Outcome[] = [];
    for (const intent of intents) outcomes.push(await this.decideOne(tx, intent, subjects));
    return outcomes;
  }

  private async decideOne(tx: Tx, intent: Intent, subjects: MessageSubjects): Promise<Outcome> {
    const now = this.parts.now();
    const person = subjects.person(intent.personId);
    if (!person) {
      return { ...WAITING, intent, reason: 'PERSON_UNKNOWN', dueAt: later(now, retryMs(intent.attempts)) };
    }
    const names = namesFor(intent, subjects);
    if (names.missing && now < intent.nameBy) {
      const until = Math.min(later(now, retryMs(intent.attempts)).getTime(), intent.nameBy.getTime());
      return { ...WAITING, intent, reason: 'NAME_UNKNOWN', dueAt: new Date(until) };
    }
    const { verdict, steps } = await this.decisionOn(tx, { intent, person, subjects });
    return {
      intent,
      status: statusOf(verdict),
      reason: 'reason' in verdict ? verdict.reason : null,
      dueAt: verdict.kind === 'HOLD' ? verdict.until : null,
      step: { at: this.parts.now(), verdict: verdict.kind, steps },
      message:
        verdict.kind === 'SEND'
          ? {
              intent,
              person,
              names,
              channels: verdict.channels,
              othersFrom: verdict.othersFrom,
              hasBrowser: subjects.hasBrowser(person.id),
            }
          : null,
    };
  }

  private async decisionOn(
    tx: Tx,
    { intent, person, subjects }: { intent: Intent; person: Person; subjects: MessageSubjects },
  ): Promise<Decision> {
    const { offers, inbox } = this.parts;
    const now = this.parts.now();
    const choices = subjects.preferences(person.id);
    const sent =
      intent.class === 'MARKETING' ? await inbox.lastOffers(tx, person.id, choices.maximumMarketingPerDay) : [];
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
}

function intentOf(draft: MessageDraft, now: Date): IntentRow {
  return {
    id: uuidv7(),
    dedupeKey: draft.dedupeKey,
    personId: draft.personId,
    class: draft.class,
    template: draft.template as TemplateName,
    facts: draft.facts,
    transactionId: draft.transactionId ?? null,
    merchantId: draft.merchantId ?? null,
    counterpartyId: draft.counterpartyId ?? null,
    campaignId: draft.campaignId ?? null,
    validUntil: draft.validUntil,
    nameBy: later(now, NAME_WAIT_MS),
    attempts: 0,
    because: draft.because ?? null,
    traceparent: draft.traceparent ?? null,
  };
}

function namesFor(intent: Intent, subjects: MessageSubjects): MessageNames & { missing: boolean } {
  const merchant = intent.merchantId ? subjects.merchant(intent.merchantId) : undefined;
  const counterparty = intent.counterpartyId ? subjects.person(intent.counterpartyId) : undefined;
  return {
    merchant,
    counterparty: counterparty?.displayName,
    missing:
      (intent.merchantId !== null && merchant === undefined) ||
      (intent.counterpartyId !== null && counterparty === undefined),
  };
}

const statusOf = (verdict: Verdict): Settled['status'] =>
  (({ SEND: 'SENT', HOLD: 'OPEN', DROP: 'DROPPED' }) as const)[verdict.kind];
