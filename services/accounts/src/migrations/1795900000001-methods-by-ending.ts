import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { METHODS_BY_ENDING } from '../person-links/person-link.sql';

/** Payment methods by the last four signs of their number, to find the same one of somebody else. */
export class MethodsByEnding1795900000001 implements MigrationInterface {
  name = 'MethodsByEnding1795900000001';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, METHODS_BY_ENDING);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, METHODS_BY_ENDING.name);
  }
}
