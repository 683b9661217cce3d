import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Under which key each merchant was told of last. */
export class KeysThatTurn1764000000000 implements MigrationInterface {
  name = 'KeysThatTurn1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE merchant ADD COLUMN "toldUnder" text NOT NULL DEFAULT '';
      CREATE INDEX merchant_told_under ON merchant ("toldUnder");`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE merchant DROP COLUMN "toldUnder"');
  }
}
