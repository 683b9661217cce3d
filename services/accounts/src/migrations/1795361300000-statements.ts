import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ENTRY_VERSION_BEFORE } from '../statements/statement.sql';

/** Finds where a month begins among the entries of an account. */
export class Statements1795361300000 implements MigrationInterface {
  name = 'Statements1795361300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ENTRY_VERSION_BEFORE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION entry_version_before(uuid, timestamptz)');
  }
}
