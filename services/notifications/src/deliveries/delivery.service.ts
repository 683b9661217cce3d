import { toMessage } from '@tael/events';
import type { Logger } from '@tael/platform/log';
import { appendToOutbox } from '@tael/platform/outbox';
import { inTransaction } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { ChannelPort } from '../channels/channel.port';
import type { InboxService, InboxRow } from '../inbox/inbox.service';
import { decide, type MessageClass } from '../messages/gate.domain';
import { quietUntil } from '../messages/local-day';
import type { OfferFacts } from '../offers/offer.facts';
import type { Person, PersonService } from '../people/person.service';
import { type Channel, CHANNELS } from '../preferences/preferences.domain';
import type { PreferencesService } from '../preferences/preferences.service';
import { afterAttempt, type DeliveryOutcome, type HandOff, type SkipReason } from './delivery.domain';

export type OutgoingChannel = Exclude<Channel, 'IN_APP'>;

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

interface Delivery {
  readonly id: string;
  readonly notificationId: string;
  readonly personId: string;
  readonly class: MessageClass;
  readonly channel: OutgoingChannel;
  readonly validUntil: Date | null;
  readonly campaignId: string | null;
  readonly attempts: number;
  readonly attemptId: string;
}

type Gate =
  | { readonly kind: 'OPEN'; readonly person: Person }
  | { readonly kind: 'SKIP'; readonly reason: SkipReason }
  | { readonly kind: 'LATER'; readonly at: Date };

const LEASE_MS = 60_000;
const COLUMNS = 'id, "notificationId", "personId", class, channel, "validUntil", "campaignId", attempts, "attemptId"';

/**
 * Works off delivery rows: claims them, asks the gates once more, hands them to their channel and keeps what came of
 * it.
 */
export class DeliveryService {
  constructor(private readonly parts: DeliveryServiceParts) {}

  /** Hands over what is due, the pressing classes first, all of a batch at the same time. Gives how many. */
  async deliverDue(limit: number): Promise<number> {
    const claimed = await this.claim(limit);
    await Promise.all(claimed.map((delivery) => this.deliver(delivery)));
    return claimed.length;
  }

  /** Decides on deliveries whose worker died between claim and outcome: nobody knows whether they went out. */
  async reclaim(limit: number): Promise<number> {
    const { dataSource, now } = this.parts;
    const lost: Delivery[] = await dataSource.query(
      `/* delivery.lost */ SELECT ${COLUMNS} FROM delivery WHERE status = 'CLAIMED' AND "leaseUntil" <= $1 ORDER BY
        "leaseUntil" LIMIT $2`,
      [now(), limit],
    );
    for (const delivery of lost) await this.keep(delivery, { kind: 'UNKNOWN', reason: 'WORKER_LOST' });
    return lost.length;
  }

  private async claim(limit: number): Promise<Delivery[]> {
    const { dataSource, now, leaseMs = LEASE_MS } = this.parts;
    const at = now();
    return inTransaction(dataSource, (tx) =>
      tx.query(
        `/* delivery.claim */ WITH due AS (
         SELECT id FROM delivery WHERE status = 'PLANNED' AND "dueAt" <= $1 ORDER BY urgency, "dueAt" LIMIT $2 FOR
         UPDATE SKIP LOCKED),
       claimed AS (
         UPDATE delivery d SET status = 'CLAIMED', attempts = d.attempts + 1, "attemptId" = $3, "leaseUntil" = $4,
         "updatedAt" = $1
         FROM due WHERE d.id = due.id RETURNING d.*)
       SELECT ${COLUMNS} FROM claimed ORDER BY urgency, "dueAt"`,
        [at, limit, uuidv7(), new Date(at.getTime() + leaseMs)],
      ),
    );
  }

  private async deliver(delivery: Delivery): Promise<void> {
    try {
      const gate = await this.gateOf(delivery);
      if (gate.kind === 'LATER') return await this.postpone(delivery, gate.at);
      await this.keep(
        delivery,
        gate.kind === 'SKIP' ? { kind: 'SKIPPED', reason: gate.reason } : await this.handOver(delivery, gate.person),
      );
    } catch (error) {
      // The lease stays: when it is over, the delivery is decided on as one whose outcome is not known.
      this.parts.log.error({ error, deliveryId: delivery.id }, 'a delivery could not be worked off');
    }
  }

  // What the person wants may have changed since the message was written, and the night may have come.
  private async gateOf(delivery: Delivery): Promise<Gate> {
    const { people, preferences, offers, dataSource, now } = this.parts;
    const person = await people.find(dataSource, delivery.personId);
    if (!person) return { kind: 'SKIP', reason: 'NO_ADDRESS' };
    const at = now();
    const choices = await preferences.of(delivery.personId);
    const { verdict } = decide({
      now: at,
      class: delivery.class,
      validUntil: delivery.validUntil,
      channels: CHANNELS,
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
    if (reason === 'NOT_OPTED_IN' || reason === 'OFFER_ENDED') return { kind: 'SKIP', reason };
    return { kind: 'SKIP', reason: choices.mutedChannels.includes(delivery.channel) ? 'MUTED' : 'EXPIRED' };
  }

  private async handOver(delivery: Delivery, person: Person): Promise<HandOff> {
    const channel = this.parts.channels[delivery.channel];
    if (!channel) return { kind: 'SKIPPED', reason: 'NO_PROVIDER' };
    const [row]: (InboxRow & { locale: string })[] = await this.parts.dataSource.query(
      `/* delivery.message */ SELECT id, "personId", class, topic, content, locale, "transactionId", "createdAt",
        "readAt"
       FROM notification WHERE id = $1`,
      [delivery.notificationId],
    );
    const { title, body, topic } = this.parts.inbox.open(row!);
    return channel.send({
      id: delivery.notificationId,
      class: delivery.class,
      topic,
      title,
      body,
      locale: row!.locale,
      person,
    });
  }

  private async postpone(delivery: Delivery, at: Date): Promise<void> {
    await this.parts.dataSource.query(
      `/* delivery.postpone */ UPDATE delivery SET status = 'PLANNED', reason = NULL, "dueAt" = $3, attempts =
        attempts - 1,
         "updatedAt" = $4 WHERE id = $1 AND "attemptId" = $2 AND status = 'CLAIMED'`,
      [delivery.id, delivery.attemptId, at, this.parts.now()],
    );
  }

  // Only the claim that still holds may write: a worker that slept through its lease changes nothing.
  private async keep(delivery: Delivery, handOff: HandOff): Promise<void> {
    const now = this.parts.now();
    const outcome = afterAttempt(handOff, delivery, now);
    await inTransaction(this.parts.dataSource, async (tx) => {
      const rows: { topic: string }[] = await tx.query(
        `/* delivery.keep */ WITH kept AS (
           UPDATE delivery SET status = $3, reason = $4, "providerId" = $5, "dueAt" = coalesce($6, "dueAt"),
           "leaseUntil" = NULL,
             "updatedAt" = $7 WHERE id = $1 AND "attemptId" = $2 AND status = 'CLAIMED' RETURNING "notificationId")
         SELECT n.topic FROM kept JOIN notification n ON n.id = kept."notificationId"`,
        [delivery.id, delivery.attemptId, outcome.status, outcome.reason, outcome.providerId, outcome.dueAt, now],
      );
      if (!rows[0] || outcome.status === 'PLANNED') return;
      await appendToOutbox(tx, [deliveredEvent(delivery, { topic: rows[0].topic, outcome: outcome.status, now })]);
    });
  }
}

function deliveredEvent(
  delivery: Delivery,
  { topic, outcome, now }: { topic: string; outcome: Exclude<DeliveryOutcome['status'], 'PLANNED'>; now: Date },
): ReturnType<typeof toMessage> {
  const { notificationId, personId, channel } = delivery;
  const data = { notificationId, personId, topic, channel, outcome, occurredAt: now };
  return toMessage('notification.delivered', data, { source: 'notifications', time: now });
}
