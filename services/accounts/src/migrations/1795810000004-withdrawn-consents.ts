import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { WITHDRAWN } from '../consents/consent-order.sql';

/** Consents of all banks that were ended, as operators list them. */
export class WithdrawnConsents1795810000004 implements MigrationInterface {
  name = 'WithdrawnConsents1795810000004';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, WITHDRAWN);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, WITHDRAWN.name);
  }
}
