import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { STANDING } from '../consents/consent-order.sql';

/** Consents of all banks that nobody has ended, as operators list them. */
export class StandingConsents1795810000002 implements MigrationInterface {
  name = 'StandingConsents1795810000002';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, STANDING);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, STANDING.name);
  }
}
