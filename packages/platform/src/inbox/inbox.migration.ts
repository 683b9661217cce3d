import type { QueryRunner } from 'typeorm';

/** Creates the inbox in a service's first migration. */
export async function createInboxTable(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE inbox (
      consumer text NOT NULL, "eventId" uuid NOT NULL, "receivedAt" timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT inbox_pkey PRIMARY KEY (consumer, "eventId")
    )`);
}
