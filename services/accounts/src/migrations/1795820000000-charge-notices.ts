import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CHARGE_NOTICE_TABLE } from '../charge-notices/charge-notice.sql';

/** Notices of the card processor. Instances of before have no door for them: the processor sends those again. */
export class ChargeNotices1795820000000 implements MigrationInterface {
  name = 'ChargeNotices1795820000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHARGE_NOTICE_TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE charge_notice');
  }
}
