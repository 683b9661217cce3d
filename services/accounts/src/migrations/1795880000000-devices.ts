import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DEVICE_DOWN, DEVICE_TABLE } from '../sessions/device.sql';

/** A device is known by a mark that the door keeps at it. The program of before goes on with kinds, which are left as they are. */
export class Devices1795880000000 implements MigrationInterface {
  name = 'Devices1795880000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(DEVICE_TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DEVICE_DOWN);
  }
}
