import { GatheredWrites } from '@tael/platform/work-loop';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { readMail } from '../mail/mail.reader';

/** A mail as it came, for one of its recipients. */
export interface NewMail {
  readonly channel: 'mail';
  /** In lower case. */
  readonly recipient: string;
  /** Who the envelope names. */
  readonly sender: string;
  readonly raw: Buffer;
}

export interface NewPush {
  readonly channel: 'push';
  /** The endpoint of the subscription. */
  readonly recipient: string;
  readonly sender: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type NewMessage = NewMail | NewPush;

export interface Message {
  readonly id: string;
  readonly channel: 'mail' | 'push';
  readonly recipient: string;
  readonly sender: string;
  readonly subject: string;
  readonly body: string;
  readonly html: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly receivedAt: Date;
}

export interface MessageFilter {
  readonly channel?: string | undefined;
  /** A mail address; or the endpoint of a push subscription, or its last part. */
  readonly to?: string | undefined;
  readonly since?: Date | undefined;
  readonly limit: number;
}

export interface MessageStore {
  /** Resolves when the messages stand in the database. */
  add(messages: readonly NewMessage[]): Promise<void>;
  /** Newest first. */
  list(filter: MessageFilter): Promise<Message[]>;
  /** Removes up to `limit` messages that were received before an instant. Gives how many. */
  forget(before: Date, limit: number): Promise<number>;
}

type Row = Message & { readonly raw: Buffer | null };

/** Makes the store on the sandbox's database. */
export function createMessageStore(pool: pg.Pool): MessageStore {
  const writes = new GatheredWrites<readonly NewMessage[]>((messages) => insert(pool, messages.flat()));
  return {
    add: (messages) => writes.add(messages),
    async list({ channel, to, since, limit }) {
      const found = await pool.query<Row>(
        `/* message.list */ SELECT id, channel, recipient, sender, subject, body, html, headers, raw,
           received_at AS "receivedAt"
         FROM message
         WHERE ($1::text IS NULL OR channel = $1)
           AND ($2::text IS NULL OR recipient IN ($2, lower($2))
             OR right(recipient, length($2) + 1) = '/' || $2)
           AND ($3::timestamptz IS NULL OR received_at >= $3)
         ORDER BY received_at DESC, id DESC LIMIT $4`,
        [channel ?? null, to ?? null, since ?? null, limit],
      );
      return Promise.all(found.rows.map(read));
    },
    async forget(before, limit) {
      const gone = await pool.query(
        `/* message.forget */ DELETE FROM message WHERE id IN (
           SELECT id FROM message WHERE received_at < $1 ORDER BY received_at, id LIMIT $2 FOR UPDATE SKIP LOCKED)`,
        [before, limit],
      );
      return gone.rowCount ?? 0;
    },
  };
}

async function read({ raw, ...message }: Row): Promise<Message> {
  return raw ? { ...message, ...(await readMail(raw, message.sender)) } : message;
}

async function insert(pool: pg.Pool, messages: readonly NewMessage[]): Promise<void> {
  const text = {
    name: 'message.add',
    text: `/* message.add */ INSERT INTO message (id, channel, recipient, sender, subject, body, html, headers, raw)
      SELECT m.id, m.channel, m.recipient, m.sender, '', m.body, NULL, m.headers, m.raw
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::bytea[])
        AS m (id, channel, recipient, sender, body, headers, raw)`,
  };
  await pool.query({
    ...text,
    values: [
      messages.map(() => uuidv7()),
      messages.map(({ channel }) => channel),
      messages.map(({ recipient }) => printable(recipient)),
      messages.map(({ sender }) => printable(sender)),
      messages.map((message) => (message.channel === 'push' ? printable(message.body) : '')),
      messages.map((message) => json(message.channel === 'push' ? message.headers : {})),
      messages.map((message) => (message.channel === 'mail' ? message.raw : null)),
    ],
  });
}

// Postgres holds no NUL in a text.
const printable = (text: string): string => text.replaceAll('\0', '');
const json = (value: object): string => JSON.stringify(value).replaceAll('\\u0000', '');
