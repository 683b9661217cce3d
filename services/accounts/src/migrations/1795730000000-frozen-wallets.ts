import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LIMITS_IN_FORCE, PAYMENT_STATES_FIRST, PAYMENT_STATES_FROZEN } from '../payments/payment-batch.sql';
import { movementStateByVersion, movementStateFrozen } from '../payments/payment.sql';
import { FROZEN_FENCE, WALLET_FREEZE_TABLE } from '../wallets/wallet-freeze.sql';

/** A wallet can be frozen. Instances of the release before do not look, and fail at the fence where they would let money out of one. */
export class FrozenWallets1795730000000 implements MigrationInterface {
  name = 'FrozenWallets1795730000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE account ADD COLUMN "frozenAt" timestamptz,
      ADD CONSTRAINT account_frozen CHECK ("frozenAt" IS NULL OR purpose = 'WALLET') NOT VALID`);
    for (const sql of [WALLET_FREEZE_TABLE, FROZEN_FENCE, movementStateFrozen(LIMITS_IN_FORCE), PAYMENT_STATES_FROZEN]) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of [PAYMENT_STATES_FIRST, movementStateByVersion(LIMITS_IN_FORCE)]) await runner.query(sql);
    await runner.query(`DROP TRIGGER account_frozen_debit ON account; DROP FUNCTION refuse_frozen_debit; DROP TABLE wallet_freeze;
      DROP FUNCTION refuse_other_freeze; ALTER TABLE account DROP COLUMN "frozenAt"`);
  }
}
