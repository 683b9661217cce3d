import { createInboxTable } from '@tael/platform/inbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The first tables: __words__, and the inbox of the events that were worked off. */
export class __Name__1763800000000 implements MigrationInterface {
  readonly name = '__Name__1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "__table__" (
        id uuid CONSTRAINT __table___pkey PRIMARY KEY,
        "ownerId" uuid NOT NULL,
        label text NOT NULL,
        origin text NOT NULL,
        "createdAt" timestamptz NOT NULL,
        CONSTRAINT __table___origin_known CHECK (origin IN ('CREATED', 'WELCOME')),
        CONSTRAINT __table___label_length CHECK (char_length(label) BETWEEN 1 AND 80)
      )`);
    await runner.query('CREATE INDEX __table___of_owner ON "__table__" ("ownerId", id)');
    await runner.query(
      `CREATE UNIQUE INDEX __table___one_welcome ON "__table__" ("ownerId") WHERE origin = 'WELCOME'`,
    );
    await createInboxTable(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE inbox, "__table__"');
  }
}
