import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which documents of disputes were withdrawn: their rows are gone, and whoever withdraws one again is answered as before. */
export class WithdrawnDisputeDocuments1795750000000 implements MigrationInterface {
  name = 'WithdrawnDisputeDocuments1795750000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE dispute_document_withdrawn (
        "documentId" uuid CONSTRAINT dispute_document_withdrawn_pkey PRIMARY KEY,
        "disputeId" uuid NOT NULL CONSTRAINT dispute_document_withdrawn_dispute REFERENCES dispute,
        side text NOT NULL CONSTRAINT dispute_document_withdrawn_side CHECK (side IN ('PERSON', 'MERCHANT')),
        at timestamptz NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dispute_document_withdrawn');
  }
}
