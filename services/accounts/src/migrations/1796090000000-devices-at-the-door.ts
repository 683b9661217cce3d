import type { MigrationInterface, QueryRunner } from 'typeorm';

/** By what a device is known before its person is. Those of before have none until they come again. */
export class DevicesAtTheDoor1796090000000 implements MigrationInterface {
  name = 'DevicesAtTheDoor1796090000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE device ADD "signInName" bytea,
      ADD CONSTRAINT device_sign_in_name CHECK (octet_length("signInName") = 32) NOT VALID`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE device DROP "signInName"');
  }
}
