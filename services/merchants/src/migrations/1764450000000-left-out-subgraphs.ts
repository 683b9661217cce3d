import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What gateways say of a bank's subgraph that is live and does not fit into their graph. */
export class LeftOutSubgraphs1764450000000 implements MigrationInterface {
  name = 'LeftOutSubgraphs1764450000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE partner_subgraph
        ADD COLUMN "leftOutAt" timestamptz,
        ADD COLUMN "leftOutReason" text,
        ADD COLUMN "leftOutInstead" uuid`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partner_subgraph DROP COLUMN "leftOutInstead", DROP COLUMN "leftOutReason", DROP COLUMN "leftOutAt"');
  }
}
