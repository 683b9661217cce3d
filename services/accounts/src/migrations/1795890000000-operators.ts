import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OPERATORS } from '../operators/operator.sql';

/** Operators among all people, as they see each other. */
export class Operators1795890000000 implements MigrationInterface {
  name = 'Operators1795890000000';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, OPERATORS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, OPERATORS.name);
  }
}
