import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when an endpoint has chosen each type: where nothing stands, since it was made, as for all that were made before. */
export class WebhookChoices1795970000000 implements MigrationInterface {
  name = 'WebhookChoices1795970000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE webhook_endpoint ADD COLUMN "chosenAt" jsonb NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhook_endpoint DROP COLUMN "chosenAt"');
  }
}
