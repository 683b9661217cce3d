import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { STANDING_OF_PARTNER } from '../consents/consent-order.sql';

/** Consents of a bank that nobody has ended: what an order works off, and operators list. */
export class StandingConsentsOfPartner1795810000001 implements MigrationInterface {
  name = 'StandingConsentsOfPartner1795810000001';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, STANDING_OF_PARTNER);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, STANDING_OF_PARTNER.name);
  }
}
