import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Consents of a bank, as operators list them. */
export class ConsentsOfPartner1795600000002 implements MigrationInterface {
  name = 'ConsentsOfPartner1795600000002';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, { name: 'consent_of_partner', definition: 'ON consent ("partnerId", id)' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, 'consent_of_partner');
  }
}
