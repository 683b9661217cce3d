import type { Tx } from '@tael/platform/postgres';
import type { DocumentKind, DocumentState } from './document.domain';

/** Gives the documents of an application as its submission looks at them. */
export async function readStates(tx: Tx, applicationId: string): Promise<(DocumentState & { id: string; kind: DocumentKind })[]> {
  return tx.query(
    `/* documents.states */ SELECT id, kind, "storedAt" IS NOT NULL AS stored, message IS NOT NULL AS marked
     FROM merchant_document WHERE "applicationId" = $1 ORDER BY id`,
    [applicationId],
  );
}

/** Erases all documents of applications that the caller has locked. */
export async function eraseDocuments(tx: Tx, applicationIds: readonly string[]): Promise<void> {
  await tx.query(
    `/* documents.erase-chunks */ DELETE FROM merchant_document_chunk c USING merchant_document d
     WHERE c."documentId" = d.id AND d."applicationId" = ANY ($1::uuid[])`,
    [applicationIds],
  );
  await tx.query('/* documents.erase */ DELETE FROM merchant_document WHERE "applicationId" = ANY ($1::uuid[])', [applicationIds]);
}
