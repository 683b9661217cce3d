import { toMessage } from '@tael/events';
import { appendToOutbox } from '@tael/platform/outbox';
import { inTransaction } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import type { InboxRow } from '../inbox/inbox.service';
import type { MessageClass } from '../messages/gate.domain';
import type { Channel } from '../preferences/preferences.domain';
import type { DeliveryOutcome } from './delivery.domain';

export type OutgoingChannel = Exclude<Channel, 'IN_APP'>;

export interface Delivery {
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

/** A delivery that was worked on, and what came of it. */
export interface Kept {
  readonly delivery: Delivery;
  readonly outcome: DeliveryOutcome;
}

export const DELIVERY_COLUMNS =
  'id, "notificationId", "personId", class, channel, "validUntil", "campaignId", attempts, "attemptId"';

/** A stored message, as it is handed to channels. */
export type StoredMessage = InboxRow & { readonly locale: string; readonly template: string };

/** Gives the messages of deliveries, by id. */
export async function messagesOf(
  dataSource: DataSource,
  deliveries: readonly Delivery[],
): Promise<Map<string, StoredMessage>> {
  const rows: StoredMessage[] = await dataSource.query(
    `/* delivery.messages */ SELECT id, "personId", class, topic, content, locale, template, "transactionId", "createdAt", "readAt"
     FROM notification WHERE id = ANY($1::uuid[])`,
    [[...new Set(deliveries.map(({ notificationId }) => notificationId))]],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Keeps what came of deliveries, with their events, in one transaction. Only the claim that still holds may write: a
 * worker that slept through its lease changes nothing.
 */
export async function keepAll(dataSource: DataSource, kept: readonly Kept[], now: Date): Promise<void> {
  await inTransaction(dataSource, async (tx) => {
    const rows: { id: string; topic: string }[] = await tx.query(
      `/* delivery.keep */ WITH outcome AS (
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
           AS o (id, attempt, status, reason, provider, due)
       ), kept AS (
         UPDATE delivery d SET status = o.status, reason = o.reason, "providerId" = o.provider,
           "dueAt" = coalesce(o.due, d."dueAt"), "leaseUntil" = NULL, "updatedAt" = $7
         FROM outcome o WHERE d.id = o.id AND d.id = ANY ($1::uuid[]) AND d."attemptId" = o.attempt
           AND (d.status = 'CLAIMED') IS TRUE
         RETURNING d.id, d."notificationId")
       SELECT k.id, n.topic FROM kept k JOIN notification n
         ON n.id = k."notificationId" AND n.id = ANY (ARRAY(SELECT "notificationId" FROM kept))`,
      [
        kept.map(({ delivery }) => delivery.id),
        kept.map(({ delivery }) => delivery.attemptId),
        kept.map(({ outcome }) => outcome.status),
        kept.map(({ outcome }) => outcome.reason),
        kept.map(({ outcome }) => outcome.providerId),
        kept.map(({ outcome }) => outcome.dueAt),
        now,
      ],
    );
    const topics = new Map(rows.map((row) => [row.id, row.topic]));
    await appendToOutbox(
      tx,
      kept.flatMap((one) => deliveredEvent(one, topics.get(one.delivery.id), now)),
    );
  });
}

function deliveredEvent(
  { delivery, outcome }: Kept,
  topic: string | undefined,
  now: Date,
): ReturnType<typeof toMessage>[] {
  if (topic === undefined || outcome.status === 'PLANNED') return [];
  const { notificationId, personId, channel } = delivery;
  const data = { notificationId, personId, topic, channel, outcome: outcome.status, occurredAt: now };
  return [toMessage('notification.delivered', data, { source: 'notifications', time: now })];
}
