import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DEVICES_BY_SIGN_IN_NAME } from '../sessions/device.sql';

/** Devices by what they are known by at the door. */
export class DevicesBySignInName1796090000002 implements MigrationInterface {
  name = 'DevicesBySignInName1796090000002';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, DEVICES_BY_SIGN_IN_NAME);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, DEVICES_BY_SIGN_IN_NAME.name);
  }
}
