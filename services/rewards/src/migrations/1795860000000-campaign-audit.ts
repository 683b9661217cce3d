import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CAMPAIGN_AUDIT_TABLE } from '../campaigns/campaign-audit.sql';

/** The trail of campaigns, from now on: of what was done before `createdBy` alone is known. Instances of the release before write nothing into it. */
export class CampaignAudit1795860000000 implements MigrationInterface {
  readonly name = 'CampaignAudit1795860000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CAMPAIGN_AUDIT_TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE campaign_audit');
    await runner.query('DROP FUNCTION refuse_change');
  }
}
