import { toMessage } from '@tael/events';
import { appendToOutbox } from '@tael/platform/outbox';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Refusal } from '../outcomes/refusal';
import type { Intent } from '../messages/message.service';
import type { MessageClass } from '../messages/gate.domain';
import type { Person } from '../people/person.service';
import type { Channel } from '../preferences/preferences.domain';
import { type MessageFacts, type MessageNames, writeMessage } from '../templates/render';
import { TEMPLATES } from '../templates/template.catalogue';
import { deliveriesOf, insertDeliveries, insertFeed, insertNotifications, type WrittenRow } from './message.rows';

const UUID_MAX = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

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
  /** Whether there is a browser to push to at this moment. */
  readonly hasBrowser: boolean;
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

  /** Writes messages, their delivery rows, and the feed of live subscriptions, in the transaction of their decision. */
  async writeAll(tx: Tx, messages: readonly MessageToWrite[]): Promise<void> {
    if (messages.length === 0) return;
    const now = this.parts.now();
    const written = messages.map((message) => this.compose(message, now));
    await insertNotifications(tx, written, now);
    const deliveries = written.flatMap((message) => deliveriesOf(message, now));
    await insertDeliveries(tx, deliveries, now);
    await insertFeed(
      tx,
      written.filter(({ inInbox }) => inInbox),
      now,
    );
    await appendToOutbox(
      tx,
      deliveries.flatMap(({ message, channel, status }) => {
        if (status === 'PLANNED') return [];
        const { id: notificationId, personId, topic } = message;
        const data = { notificationId, personId, topic, channel, outcome: status, occurredAt: now };
        return [toMessage('notification.delivered', data, { source: 'notifications', time: now })];
      }),
    );
  }

  private compose({ intent, person, names, channels, othersFrom, hasBrowser }: MessageToWrite, now: Date): WrittenRow {
    const { title, body, locale, templateVersion } = writeMessage(intent.template, person.locale, this.opened(intent.facts, person.id), names);
    return {
      id: uuidv7(),
      intent,
      personId: person.id,
      topic: TEMPLATES[intent.template].topic,
      content: this.parts.sealer.seal(JSON.stringify({ title, body }), person.id),
      locale,
      templateVersion,
      inInbox: channels.includes('IN_APP'),
      channels,
      othersFrom,
      // A push that waits for the morning may find a browser by then; an offer goes through all its gates once more.
      pushesNowhere: !hasBrowser && othersFrom <= now && intent.class !== 'MARKETING',
    };
  }

  private opened({ sealed = {}, ...facts }: MessageFacts, personId: string): MessageFacts {
    const words = Object.entries(sealed).map(([name, word]) => [name, this.parts.sealer.open(word, personId)]);
    return { ...facts, words: { ...facts.words, ...Object.fromEntries(words) } };
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
         AND (n."createdAt", n.id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, '${UUID_MAX}')) AND (NOT $4 OR
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
