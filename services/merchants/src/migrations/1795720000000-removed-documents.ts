import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which documents of applications were taken out: their rows are gone, and whoever takes one out again is answered as before. */
export class RemovedDocuments1795720000000 implements MigrationInterface {
  name = 'RemovedDocuments1795720000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE merchant_document_removed (
        "documentId" uuid CONSTRAINT merchant_document_removed_pkey PRIMARY KEY,
        "applicationId" uuid NOT NULL CONSTRAINT merchant_document_removed_application REFERENCES merchant_application,
        at timestamptz NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE merchant_document_removed');
  }
}
