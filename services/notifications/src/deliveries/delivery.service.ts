import { failpoint } from '@tael/platform/failpoint';
import type { Logger } from '@tael/platform/log';
import { GatheredWrites } from '@tael/platform/work-loop';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { ChannelPort } from '../channels/channel.port';
import type { InboxService } from '../inbox/inbox.service';
import { decide } from '../messages/gate.domain';
import { quietUntil } from '../messages/local-day';
import type { OfferFacts } from '../offers/offer.facts';
import type { Person, PersonService } from '../people/person.service';
import { type Channel, CHANNELS, DEFAULT_PREFERENCES, type Preferences } from '../preferences/preferences.domain';
import type { PreferencesService } from '../preferences/preferences.service';
import { type TemplateName, TEMPLATES } from '../templates/template.catalogue';
import { afterAttempt, type HandOff, type SkipReason } from './delivery.domain';
import {
  type Delivery,
  DELIVERY_COLUMNS,
  keepAll,
  type Kept,
  messagesOf,
  type OutgoingChannel,
  type StoredMessage,
} from './delivery.rows';
import { countAttempt, inTraceOf, type MessageTraces, tracesOf } from './delivery.observation';

export interface DeliveryServiceParts {
  readonly dataSource: DataSource;
  readonly log: Logger;
  readonly people: PersonService;
  readonly preferences: PreferencesService;
  readonly offers: OfferFacts;
  readonly inbox: InboxService;
  readonly channels: Readonly<Partial<Record<OutgoingChannel, ChannelPort>>>;
  readonly now: () => Date;
  /** How long a claim holds before others take the delivery for lost, one minute unless told. */
  readonly leaseMs?: number;
}

type Gate =
  | { readonly kind: 'OPEN'; readonly person: Person }
  | { readonly kind: 'SKIP'; readonly reason: SkipReason }
  | { readonly kind: 'LATER'; readonly at: Date };

const LEASE_MS = 60_000;
/** Mails of a claim end one after the other: nobody waits for what is kept, so that they are kept together. */
const GATHER_MS = 25;

/** A template of a newer program is not known here. */
function channelsOf(template: string | undefined): readonly Channel[] {
  return TEMPLATES[template as TemplateName]?.channels ?? CHANNELS;
}

/** What the gates and the channels need to know of claimed deliveries, read once for all of them. */
interface Facts {
  readonly people: ReadonlyMap<string, Person>;
  readonly preferences: ReadonlyMap<string, Preferences>;
  readonly messages: ReadonlyMap<string, StoredMessage>;
  readonly traces: MessageTraces;
}

/**
 * Works off delivery rows: claims them, asks the gates once more, hands them to their channel and keeps what came of
 * it.
 */
export class DeliveryService {
  private readonly outcomes: GatheredWrites<Kept>;

  constructor(private readonly parts: DeliveryServiceParts) {
    this.outcomes = new GatheredWrites((kept) => keepAll(parts.dataSource, kept, parts.now()), GATHER_MS);
  }

  /** Hands over what is due, the pressing classes first, all of a batch at the same time. Gives how many. */
  async deliverDue(limit: number): Promise<number> {
    const claimed = await this.claim(limit);
    if (claimed.length === 0) return 0;
    failpoint('delivery.claimed');
    const facts = await this.factsOf(claimed);
    await Promise.all(claimed.map((delivery) => this.deliver(delivery, facts)));
    return claimed.length;
  }

  /** Decides on deliveries whose worker died between claim and outcome: nobody knows whether they went out. */
  async reclaim(limit: number): Promise<number> {
    const { dataSource, now } = this.parts;
    const lost: Delivery[] = await dataSource.query(
      `/* delivery.lost */ SELECT ${DELIVERY_COLUMNS} FROM delivery WHERE status = 'CLAIMED' AND "leaseUntil" <= $1 ORDER BY
        "leaseUntil" LIMIT $2`,
      [now(), limit],
    );
    await Promise.all(lost.map((delivery) => this.keep(delivery, { kind: 'UNKNOWN', reason: 'WORKER_LOST' })));
    return lost.length;
  }

  private claim(limit: number): Promise<Delivery[]> {
    const { dataSource, now, leaseMs = LEASE_MS } = this.parts;
    const at = now();
    return dataSource.query(
      `/* delivery.claim */ WITH due AS (
         SELECT id FROM delivery WHERE status = 'PLANNED' AND "dueAt" <= $1 ORDER BY urgency, "dueAt" LIMIT $2 FOR
         UPDATE SKIP LOCKED),
       claimed AS (
         UPDATE delivery d SET status = 'CLAIMED', attempts = d.attempts + 1, "attemptId" = $3, "leaseUntil" = $4,
         "updatedAt" = $1
         FROM due WHERE d.id = due.id RETURNING d.*)
       SELECT ${DELIVERY_COLUMNS} FROM claimed ORDER BY urgency, "dueAt"`,
      [at, limit, uuidv7(), new Date(at.getTime() + leaseMs)],
    );
  }

  // After the claim: a change of mind that was first is seen.
  private async factsOf(claimed: readonly Delivery[]): Promise<Facts> {
    const { people, preferences, dataSource } = this.parts;
    const personIds = [...new Set(claimed.map(({ personId }) => personId))];
    return {
      people: await people.findAll(dataSource, personIds),
      preferences: await preferences.ofAll(personIds),
      messages: await messagesOf(dataSource, claimed),
      traces: await tracesOf(dataSource, claimed),
    };
  }

  private async deliver(delivery: Delivery, facts: Facts): Promise<void> {
    try {
      const gate = await this.gateOf(delivery, facts);
      if (gate.kind === 'LATER') return await this.postpone(delivery, gate.at);
      await this.keep(
        delivery,
        gate.kind === 'SKIP'
          ? { kind: 'SKIPPED', reason: gate.reason }
          : await inTraceOf(delivery, facts.traces, () =>
              this.handOver(delivery, gate.person, facts.messages.get(delivery.notificationId)!),
            ),
      );
    } catch (error) {
      // The lease stays: when it is over, the delivery is decided on as one whose outcome is not known.
      this.parts.log.error({ error, deliveryId: delivery.id }, 'a delivery could not be worked off');
    }
  }

  // What the person wants may have changed since the message was written, and the night may have come.
  private async gateOf(delivery: Delivery, facts: Facts): Promise<Gate> {
    const { offers, dataSource, now } = this.parts;
    const person = facts.people.get(delivery.personId);
    if (!person) return { kind: 'SKIP', reason: 'NO_ADDRESS' };
    const at = now();
    const choices = facts.preferences.get(delivery.personId) ?? DEFAULT_PREFERENCES;
    const { verdict } = decide({
      now: at,
      class: delivery.class,
      validUntil: delivery.validUntil,
      // Those of its template: what has no other way to a person goes by mail, whatever they have muted.
      channels: channelsOf(facts.messages.get(delivery.notificationId)?.template),
      // Its place in the day was taken when it was written.
      preferences: { ...choices, maximumMarketingPerDay: 1 },
      marketingLeaves: [],
      quietUntil: quietUntil(choices.quietHours, person.timeZone, at),
      offerActs: !delivery.campaignId || (await offers.acts(dataSource.manager, delivery.campaignId, at)),
    });
    if (verdict.kind === 'HOLD') return { kind: 'LATER', at: verdict.until };
    if (verdict.kind === 'SEND' && verdict.channels.includes(delivery.channel)) {
      return verdict.othersFrom > at ? { kind: 'LATER', at: verdict.othersFrom } : { kind: 'OPEN', person };
    }
    const reason = verdict.kind === 'DROP' ? verdict.reason : null;
    if (reason === 'NOT_OPTED_IN' || reason === 'OFFER_ENDED' || reason === 'EXPIRED') return { kind: 'SKIP', reason };
    return { kind: 'SKIP', reason: choices.mutedChannels.includes(delivery.channel) ? 'MUTED' : 'EXPIRED' };
  }

  private async handOver(delivery: Delivery, person: Person, message: StoredMessage): Promise<HandOff> {
    const channel = this.parts.channels[delivery.channel];
    if (!channel) return { kind: 'SKIPPED', reason: 'NO_PROVIDER' };
    const { title, body, topic } = this.parts.inbox.open(message);
    const handOff = await channel.send({
      id: delivery.notificationId,
      class: delivery.class,
      topic,
      title,
      body,
      locale: message.locale,
      person,
    });
    failpoint('delivery.sent');
    return handOff;
  }

  private async postpone(delivery: Delivery, at: Date): Promise<void> {
    await this.parts.dataSource.query(
      `/* delivery.postpone */ UPDATE delivery SET status = 'PLANNED', reason = NULL, "dueAt" = $3, attempts =
        attempts - 1,
         "updatedAt" = $4 WHERE id = $1 AND "attemptId" = $2 AND status = 'CLAIMED'`,
      [delivery.id, delivery.attemptId, at, this.parts.now()],
    );
  }

  private keep(delivery: Delivery, handOff: HandOff): Promise<void> {
    countAttempt(delivery, handOff);
    return this.outcomes.add({ delivery, outcome: afterAttempt(handOff, delivery, this.parts.now()) });
  }
}
