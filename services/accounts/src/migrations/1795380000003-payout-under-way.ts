import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PAYOUT_UNDER_WAY } from '../payouts/payout.sql';

/** An index of a table that is in use: built beside the traffic. */
export class PayoutUnderWay1795380000003 implements MigrationInterface {
  name = 'PayoutUnderWay1795380000003';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, PAYOUT_UNDER_WAY);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, PAYOUT_UNDER_WAY.name);
  }
}
