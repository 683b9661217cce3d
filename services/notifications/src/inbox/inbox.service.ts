import { toMessage } from '@tael/events';
import { appendToOutbox } from '@tael/platform/outbox';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Refusal } from '../outcomes/refusal';
import type { Intent } from '../messages/message.service';
import { CLASSES, type MessageClass } from '../messages/gate.domain';
import type { Person } from '../people/person.service';
import type { Channel } from '../preferences/preferences.domain';
import { type MessageNames, writeMessage } from '../templates/render';
import { TEMPLATES } from '../templates/template.catalogue';

/** A message as its reader sees it. */
export interface InboxMessage {
  readonly id: string;
  readonly personId: string;
  readonly class: MessageClass;
  readonly topic: string;
  readonly title: string;
  readonly body: string;
  readonly transactionId: string | null;
  readonly createdAt: Date;
  readonly readAt: Date | null;
}

export type InboxRow = Omit<InboxMessage, 'title' | 'body'> & { content: string };

export interface MessageToWrite {
  readonly intent: Intent;
  readonly person: Person;
  readonly names: MessageNames;
  readonly channels: readonly Channel[];
  /** When the channels other than the inbox may begin. */
  readonly othersFrom: Date;
}

export interface InboxPage {
  readonly limit: number;
  /** createdAt and id of the message after which the page begins. */
  readonly after: readonly string[] | undefined;
  readonly unreadOnly: boolean;
}

export const INBOX_COLUMNS =
  'n.id, n."personId", n.class, n.topic, n.content, n."transactionId", n."createdAt", n."readAt"';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MARK_MAX = 100;

/** Writes messages with their deliveries, and shows people their own. */
export class InboxService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer; now: () => Date }) {}

  /** Writes a message, its delivery rows, and the feed of live subscriptions, in the transaction of its decision. */
  async write(tx: Tx, message: MessageToWrite): Promise<void> {
    const { intent, person, channels } = message;
    const now = this.parts.now();
    const id = uuidv7();
    const template = TEMPLATES[intent.template];
    const written = writeMessage(intent.template, person.locale, intent.facts, message.names);
    const content = this.parts.sealer.seal(JSON.stringify({ title: written.title, body: written.body }), person.id);
    const inInbox = channels.includes('IN_APP');
    await tx.query(
      `/* inbox.write */ INSERT INTO notification (id, "intentId", "personId", class, topic, content, locale, template,
         "templateVersion", "transactionId", "inInbox", "createdAt", "readAt")
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL)`,
      [
        id,
        intent.id,
        person.id,
        intent.class,
        template.topic,
        content,
        written.locale,
        intent.template,
        written.templateVersion,
        intent.transactionId,
        inInbox,
        now,
      ],
    );
    await this.planDeliveries(tx, id, message);
    if (!inInbox) return;
    await tx.query(
      '/* inbox.feed */ INSERT INTO live_feed ("notificationId", "personId", "createdAt") VALUES ($1, $2, $3)',
      [id, person.id, now],
    );
    const delivered = {
      notificationId: id,
      personId: person.id,
      topic: template.topic,
      channel: 'IN_APP',
      outcome: 'HANDED_OFF',
      occurredAt: now,
    } as const;
    await appendToOutbox(tx, [toMessage('notification.delivered', delivered, { source: 'notifications', time: now })]);
  }

  private async planDeliveries(tx: Tx, notificationId: string, message: MessageToWrite): Promise<void> {
    const { intent, channels, person } = message;
    const now = this.parts.now();
    await tx.query(
      `/* inbox.deliveries */ INSERT INTO delivery (id, "notificationId", "personId", class, urgency, channel, status,
        reason,
         "dueAt", "validUntil", "campaignId", attempts, "attemptId", "leaseUntil", "providerId", "updatedAt")
       SELECT d.id, $1, $2, $3, $4, d.channel, CASE WHEN d.channel = 'IN_APP' THEN 'HANDED_OFF' ELSE 'PLANNED' END,
       NULL,
         $5, $6, $7, 0, NULL, NULL, NULL, $8
       FROM unnest($9::uuid[], $10::text[]) AS d (id, channel)`,
      [
        notificationId,
        person.id,
        intent.class,
        CLASSES.indexOf(intent.class),
        message.othersFrom,
        intent.validUntil,
        intent.campaignId,
        now,
        channels.map(() => uuidv7()),
        [...channels],
      ],
    );
  }

  /** Gives when a person's newest offers were written, newest first, as far as they can count for a day. */
  async lastOffers(tx: Tx, personId: string, atMost: number): Promise<Date[]> {
    const rows: { createdAt: Date }[] = await tx.query(
      `/* inbox.last-offers */ SELECT "createdAt" FROM notification WHERE "personId" = $1 AND class = 'MARKETING'
       ORDER BY "createdAt" DESC LIMIT $2`,
      [personId, Math.max(1, atMost)],
    );
    return rows.map((row) => row.createdAt);
  }

  /** Gives one page of a person's inbox, newest first, with up to one message more than the limit. */
  async page(personId: string, page: InboxPage): Promise<InboxMessage[]> {
    const [createdAt = null, id = null] = page.after ?? [];
    const rows: InboxRow[] = await this.parts.dataSource.query(
      `/* inbox.page */ SELECT ${INBOX_COLUMNS} FROM notification n WHERE n."personId" = $1 AND n."inInbox"
         AND ($2::timestamptz IS NULL OR (n."createdAt", n.id) < ($2::timestamptz, $3::uuid)) AND (NOT $4 OR
         n."readAt" IS NULL)
       ORDER BY n."createdAt" DESC, n.id DESC LIMIT $5`,
      [personId, createdAt, id, page.unreadOnly, page.limit + 1],
    );
    return rows.map((row) => this.open(row));
  }

  /** Gives the messages of these ids that are the person's own, in the order asked, null for all others. */
  async byIds(personId: string, ids: readonly string[]): Promise<(InboxMessage | null)[]> {
    const rows: InboxRow[] = await this.parts.dataSource.query(
      `/* inbox.by-ids */ SELECT ${INBOX_COLUMNS} FROM notification n
       WHERE n."personId" = $1 AND n."inInbox" AND n.id = ANY($2::uuid[])`,
      [personId, ids.filter((id) => UUID.test(id))],
    );
    const byId = new Map(rows.map((row) => [row.id, this.open(row)]));
    return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
  }

  async unreadCount(personId: string, tx: Tx | DataSource = this.parts.dataSource): Promise<number> {
    const [row]: { unread: number }[] = await tx.query(
      `/* inbox.unread */ SELECT count(*)::integer AS unread FROM notification
       WHERE "personId" = $1 AND "inInbox" AND "readAt" IS NULL`,
      [personId],
    );
    return row!.unread;
  }

  /**
   * Marks a person's own messages as read; ids of others and of nothing are passed over alike. Refused:
   * INVALID_INPUT.
   */
  async markRead(
    personId: string,
    ids: readonly string[],
  ): Promise<{ ok: true; unreadCount: number } | { ok: false; refusals: Refusal[] }> {
    if (ids.length > MARK_MAX)
      return { ok: false, refusals: [{ code: 'INVALID_INPUT', reason: 'TOO_LONG', field: ['input', 'ids'] }] };
    return inTransaction(this.parts.dataSource, async (tx) => {
      await tx.query(
        `/* inbox.mark-read */ UPDATE notification SET "readAt" = $3
         WHERE "personId" = $1 AND id = ANY($2::uuid[]) AND "inInbox" AND "readAt" IS NULL`,
        [personId, ids.filter((id) => UUID.test(id)), this.parts.now()],
      );
      return { ok: true, unreadCount: await this.unreadCount(personId, tx) };
    });
  }

  /** Opens what stands sealed in a row. */
  open({ content, ...row }: InboxRow): InboxMessage {
    const { title, body } = JSON.parse(this.parts.sealer.open(content, row.personId)) as {
      title: string;
      body: string;
    };
    return { ...row, title, body };
  }
}
