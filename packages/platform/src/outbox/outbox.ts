import type { DataSource } from 'typeorm';
import type { OutgoingMessage } from '../bus';
import type { Tx } from '../postgres';

/** Writes messages into the outbox of an open transaction: they are published if, and after, it commits. */
export async function appendToOutbox(tx: Tx, messages: readonly OutgoingMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await tx.query(
    `/* outbox.append */ INSERT INTO outbox (topic, key, headers, value)
     SELECT topic, key, headers, value
     FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::text[]) WITH ORDINALITY AS m (topic, key, headers, value, n)
     ORDER BY n`,
    [
      messages.map((message) => message.topic),
      messages.map((message) => message.key),
      messages.map((message) => JSON.stringify(message.headers)),
      messages.map((message) => message.value),
    ],
  );
}

/** Gives how many committed events the relay has not handed on, and the age of the oldest in milliseconds. */
export async function outboxBacklog(dataSource: DataSource): Promise<{ rows: bigint; oldestMs: number }> {
  const [row] = await dataSource.query(
    `/* outbox.backlog */ SELECT count(*) AS rows,
       coalesce(extract(epoch FROM clock_timestamp() - min(o."createdAt")) * 1000, 0)::float8 AS "oldestMs"
     FROM outbox o, outbox_cursor c WHERE (o.xid, o.id) > (c.xid, c.id)`,
  );
  return row;
}
