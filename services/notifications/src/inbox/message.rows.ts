import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { CLASSES } from '../messages/gate.domain';
import type { Intent } from '../messages/message.service';
import type { Channel } from '../preferences/preferences.domain';

/** A message as it is written, with the channels that it takes. */
export interface WrittenRow {
  readonly id: string;
  readonly intent: Intent;
  readonly personId: string;
  readonly topic: string;
  readonly content: string;
  readonly locale: string;
  readonly templateVersion: number;
  readonly inInbox: boolean;
  readonly channels: readonly Channel[];
  /** When the channels other than the inbox may begin. */
  readonly othersFrom: Date;
  /** A push would go nowhere: nobody need take it up to find that out. */
  readonly pushesNowhere: boolean;
}

export interface DeliveryRow {
  readonly id: string;
  readonly message: WrittenRow;
  readonly channel: Channel;
  readonly status: 'HANDED_OFF' | 'SKIPPED' | 'PLANNED';
  readonly reason: string | null;
  readonly dueAt: Date;
}

/** Gives the deliveries of a message: what is done with its writing, and what is handed over after. */
export function deliveriesOf(message: WrittenRow, now: Date): DeliveryRow[] {
  return message.channels.map((channel) => {
    const row = { id: uuidv7(), message, channel, reason: null, dueAt: message.othersFrom };
    if (channel === 'IN_APP') return { ...row, status: 'HANDED_OFF', dueAt: now };
    if (channel === 'PUSH' && message.pushesNowhere) return { ...row, status: 'SKIPPED', reason: 'NO_ADDRESS' };
    return { ...row, status: 'PLANNED' };
  });
}

export async function insertNotifications(tx: Tx, rows: readonly WrittenRow[], now: Date): Promise<void> {
  await tx.query(
    `/* inbox.write */ INSERT INTO notification (id, "intentId", "personId", class, topic, content, locale, template,
       "templateVersion", "transactionId", "inInbox", "createdAt", "readAt")
     SELECT n.*, $12, NULL FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
       $7::text[], $8::text[], $9::integer[], $10::uuid[], $11::boolean[]) AS n`,
    [
      rows.map(({ id }) => id),
      rows.map(({ intent }) => intent.id),
      rows.map(({ personId }) => personId),
      rows.map(({ intent }) => intent.class),
      rows.map(({ topic }) => topic),
      rows.map(({ content }) => content),
      rows.map(({ locale }) => locale),
      rows.map(({ intent }) => intent.template),
      rows.map(({ templateVersion }) => templateVersion),
      rows.map(({ intent }) => intent.transactionId),
      rows.map(({ inInbox }) => inInbox),
      now,
    ],
  );
}

export async function insertDeliveries(tx: Tx, rows: readonly DeliveryRow[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `/* inbox.deliveries */ INSERT INTO delivery (id, "notificationId", "personId", class, urgency, channel, status,
       reason, "dueAt", "validUntil", "campaignId", attempts, "attemptId", "leaseUntil", "providerId", "updatedAt")
     SELECT d.*, 0, NULL, NULL, NULL, $12 FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::smallint[],
       $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::uuid[]) AS d`,
    [
      rows.map(({ id }) => id),
      rows.map(({ message }) => message.id),
      rows.map(({ message }) => message.personId),
      rows.map(({ message }) => message.intent.class),
      rows.map(({ message }) => CLASSES.indexOf(message.intent.class)),
      rows.map(({ channel }) => channel),
      rows.map(({ status }) => status),
      rows.map(({ reason }) => reason),
      rows.map(({ dueAt }) => dueAt),
      rows.map(({ message }) => message.intent.validUntil),
      rows.map(({ message }) => message.intent.campaignId),
      now,
    ],
  );
}

/** Tells live subscriptions of what stands in inboxes now. */
export async function insertFeed(tx: Tx, rows: readonly WrittenRow[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `/* inbox.feed */ INSERT INTO live_feed ("notificationId", "personId", "createdAt")
     SELECT f.id, f.person, $3 FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS f (id, person, n) ORDER BY f.n`,
    [rows.map(({ id }) => id), rows.map(({ personId }) => personId), now],
  );
}
