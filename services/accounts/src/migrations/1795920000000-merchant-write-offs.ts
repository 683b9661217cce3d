import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MERCHANT_WRITE_OFF_WORDS } from '../settlements/merchant-write-off.sql';

/** What merchants owe can be written off. An instance of before does not know the word: a list of requests that has one fails there until it is replaced. */
export class MerchantWriteOffs1795920000000 implements MigrationInterface {
  name = 'MerchantWriteOffs1795920000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const words of MERCHANT_WRITE_OFF_WORDS) await runner.query(words);
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
