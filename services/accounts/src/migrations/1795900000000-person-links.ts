import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PERSON_LINKS } from '../person-links/person-link.sql';

/** Who shares a card or a bank account with whom. Of cards that were added before it is told when one of the two is added again. */
export class PersonLinks1795900000000 implements MigrationInterface {
  name = 'PersonLinks1795900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PERSON_LINKS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE same_bank_account; DROP TABLE person_link');
  }
}
