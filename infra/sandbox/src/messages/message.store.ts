import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';

export interface NewMessage {
  readonly channel: 'mail' | 'push';
  /** A mail address in lower case, or the endpoint of a push subscription. */
  readonly recipient: string;
  readonly sender: string;
  readonly subject: string;
  readonly body: string;
  readonly html: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Message extends NewMessage {
  readonly id: string;
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
  add(messages: readonly NewMessage[]): Promise<void>;
  /** Newest first. */
  list(filter: MessageFilter): Promise<Message[]>;
}

/** Makes the store on the sandbox's database. */
export function createMessageStore(pool: pg.Pool): MessageStore {
  return {
    async add(messages) {
      const rows = messages.map((message) => ({ id: uuidv7(), ...message }));
      await pool.query(
        `/* message.add */ INSERT INTO message (id, channel, recipient, sender, subject, body, html, headers)
         SELECT id, channel, recipient, sender, subject, body, html, headers
         FROM jsonb_to_recordset($1::jsonb) AS m (
           id uuid, channel text, recipient text, sender text, subject text, body text, html text, headers jsonb)`,
        [JSON.stringify(rows).replaceAll('\\u0000', '')],
      );
    },
    async list({ channel, to, since, limit }) {
      const found = await pool.query<Message>(
        `/* message.list */ SELECT id, channel, recipient, sender, subject, body, html, headers,
           received_at AS "receivedAt"
         FROM message
         WHERE ($1::text IS NULL OR channel = $1)
           AND ($2::text IS NULL OR recipient IN ($2, lower($2))
             OR right(recipient, length($2) + 1) = '/' || $2)
           AND ($3::timestamptz IS NULL OR received_at >= $3)
         ORDER BY received_at DESC, id DESC LIMIT $4`,
        [channel ?? null, to ?? null, since ?? null, limit],
      );
      return found.rows;
    },
  };
}
