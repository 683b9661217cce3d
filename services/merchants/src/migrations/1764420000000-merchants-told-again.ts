import type { MigrationInterface, QueryRunner } from 'typeorm';

const AT_ONCE = 1_000;

/**
 * Every merchant is told of again, by the loop that tells of those whose name is sealed under an old key: accounts pays out to whom it
 * knows to be verified, and kept nothing of that before. A thousand at a time, so that no transaction is long.
 */
export class MerchantsToldAgain1764420000000 implements MigrationInterface {
  name = 'MerchantsToldAgain1764420000000';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    let last: string | null = null;
    do {
      const rows: { id: string }[] = await runner.query(
        'SELECT id FROM merchant WHERE id > coalesce($1::uuid, \'00000000-0000-0000-0000-000000000000\') ORDER BY id LIMIT $2', [last, AT_ONCE],
      );
      await runner.query(`UPDATE merchant SET "toldUnder" = '' WHERE id = ANY ($1::uuid[])`, [rows.map(({ id }) => id)]);
      last = rows.at(-1)?.id ?? null;
    } while (last !== null);
  }

  async down(): Promise<void> {
    // What was told again needs no undoing.
  }
}
