import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { WITHDRAWN_OF_PARTNER } from '../consents/consent-order.sql';

/** Consents of a bank that were ended, as operators list them. */
export class WithdrawnConsentsOfPartner1795810000003 implements MigrationInterface {
  name = 'WithdrawnConsentsOfPartner1795810000003';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, WITHDRAWN_OF_PARTNER);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, WITHDRAWN_OF_PARTNER.name);
  }
}
