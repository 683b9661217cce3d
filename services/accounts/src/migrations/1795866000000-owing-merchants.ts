import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OWING } from '../settlements/settlement.sql';

/** Merchants that owe, as operators list them: hardly any of them all. */
export class OwingMerchants1795866000000 implements MigrationInterface {
  name = 'OwingMerchants1795866000000';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, OWING);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, OWING.name);
  }
}
