import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MERCHANT_WRITE_OFFS } from '../settlements/merchant-write-off.sql';

/** What was written off of a merchant: asked before each further write-off, and for each merchant that is listed as owing. */
export class MerchantWriteOffsOfMerchant1795920000002 implements MigrationInterface {
  name = 'MerchantWriteOffsOfMerchant1795920000002';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, MERCHANT_WRITE_OFFS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, MERCHANT_WRITE_OFFS.name);
  }
}
