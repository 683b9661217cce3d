import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { INFLOWS } from '../payouts/payout.sql';

/** An index of a table that is in use: built beside the traffic. */
export class SettlementInflows1795380000002 implements MigrationInterface {
  name = 'SettlementInflows1795380000002';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, INFLOWS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, INFLOWS.name);
  }
}
