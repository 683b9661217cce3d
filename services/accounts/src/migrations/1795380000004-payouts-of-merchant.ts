import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PAYOUTS_OF_MERCHANT } from '../payouts/payout.sql';

/** An index of a table that is in use: built beside the traffic. */
export class PayoutsOfMerchant1795380000004 implements MigrationInterface {
  name = 'PayoutsOfMerchant1795380000004';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, PAYOUTS_OF_MERCHANT);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, PAYOUTS_OF_MERCHANT.name);
  }
}
