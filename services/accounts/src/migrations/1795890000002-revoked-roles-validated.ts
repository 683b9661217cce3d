import type { MigrationInterface, QueryRunner } from 'typeorm';
import { REVOKED_ROLES_VALIDATIONS } from '../operators/operator.sql';

/** The rows of before keep what the migration before this one asks of new ones. */
export class RevokedRolesValidated1795890000002 implements MigrationInterface {
  name = 'RevokedRolesValidated1795890000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(REVOKED_ROLES_VALIDATIONS);
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
