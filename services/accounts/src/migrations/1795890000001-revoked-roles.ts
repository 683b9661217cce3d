import type { MigrationInterface, QueryRunner } from 'typeorm';
import { REVOKED_ROLES } from '../operators/operator.sql';

/** The role of an operator that is taken away. An instance of before shows the requests that ended with it as it shows all that are cancelled. */
export class RevokedRoles1795890000001 implements MigrationInterface {
  name = 'RevokedRoles1795890000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(REVOKED_ROLES);
  }

  async down(): Promise<void> {
    throw new Error('what has ended with a role stays so');
  }
}
