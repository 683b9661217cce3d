import type { DataSource } from 'typeorm';
import type { OutgoingMessage } from '../bus';
import type { Tx } from '../postgres';

/**
 * Gives the INSERT that writes messages into the outbox, for a statement of the caller that has it as a part (`WITH told AS (...)`);
 * {@link outboxValues} are the values of its four parameters.
 * @param first the number of the first of them
 */
export const outboxInsert = (first: number): string => `INSERT INTO outbox (topic, key, headers, value)
     SELECT topic, key, headers, value
     FROM unnest($${first}::text[], $${first + 1}::text[], $${first + 2}::jsonb[], $${first + 3}::text[])
       WITH ORDINALITY AS m (topic, key, headers, value, n)
     ORDER BY n`;

/** Gives the values of {@link outboxInsert}'s parameters. */
export const outboxValues = (messages: readonly OutgoingMessage[]): string[][] => [
  messages.map((message) => message.topic),
  messages.map((message) => message.key),
  messages.map((message) => JSON.stringify(message.headers)),
  messages.map((message) => message.value),
];

const APPEND = outboxInsert(1);

/** Writes messages into the outbox of an open transaction: they are published if, and after, it commits. */
export async function appendToOutbox(tx: Tx, messages: readonly OutgoingMessage[]): Promise<void> {
  if (messages.length > 0) await tx.query(`/* outbox.append */ ${APPEND}`, outboxValues(messages));
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
