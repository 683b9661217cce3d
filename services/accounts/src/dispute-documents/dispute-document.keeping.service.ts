import { inTransaction, type Tx } from '@tael/platform/postgres';
import { audit } from '../audit/audit.service';
import { CONTENT_DAYS, dayOf, keptSince, UPLOAD_MS } from './dispute-document.domain';
import type { DisputeDocumentEntity } from './dispute-document.entity';
import type { DocumentParts } from './dispute-document.rows.service';

/** Ends what is kept no longer: uploads that nobody ended, and what is in documents of disputes that ended long ago. */
export class DisputeDocumentKeeper {
  constructor(private readonly parts: Pick<DocumentParts, 'dataSource' | 'now'>) {}

  /**
   * Erases uploads that nobody ended: within a day, or before their dispute was closed to them. It takes the locks of the disputes
   * as the steps do, and waits for none. Gives how many it erased.
   */
  async sweep(limit: number): Promise<number> {
    const now = this.parts.now();
    return inTransaction(this.parts.dataSource, async (tx) => {
      const found: { id: string }[] = await tx.query(
        `/* disputeDocuments.unfinished */ SELECT x.id FROM dispute_document x JOIN dispute d ON d.id = x."disputeId"
         WHERE x."storedAt" IS NULL AND (x."createdAt" <= $1 OR d.status NOT IN ('OPEN', 'CONTESTED') OR d."respondBy" <= $2)
         ORDER BY x."createdAt" LIMIT $3 FOR NO KEY UPDATE OF d SKIP LOCKED`,
        [new Date(now.getTime() - UPLOAD_MS), now, limit],
      );
      // Read again under the locks: one may have come to its end in the meantime.
      const left: { id: string }[] = await tx.query(
        '/* disputeDocuments.still-unfinished */ SELECT id FROM dispute_document WHERE id = ANY ($1::uuid[]) AND "storedAt" IS NULL', [found.map(({ id }) => id)],
      );
      await eraseDocuments(tx, left.map(({ id }) => id));
      await tx.query('/* disputeDocuments.forget-counts */ DELETE FROM dispute_document_count WHERE day < $1', [dayOf(new Date(now.getTime() - UPLOAD_MS))]);
      return left.length;
    });
  }

  /**
   * Removes what is in documents whose dispute ended so long ago that it is kept no longer. The row stays and says when, and the trail says it
   * too. Whoever reads one at the same time has its row first or finds it removed; of what another instance holds, none is waited for.
   * A document is older than its dispute's end, so the oldest are looked at alone. Gives how many it removed.
   */
  async removeContent(limit: number): Promise<number> {
    const now = this.parts.now();
    return inTransaction(this.parts.dataSource, async (tx) => {
      const due: Pick<DisputeDocumentEntity, 'id' | 'disputeId' | 'side' | 'kind'>[] = await tx.query(
        `/* disputeDocuments.due */ SELECT x.id, x."disputeId", x.side, x.kind FROM dispute_document x JOIN dispute d ON d.id = x."disputeId"
         WHERE x."storedAt" IS NOT NULL AND x."contentRemovedAt" IS NULL AND x."storedAt" <= $1 AND d."decidedAt" <= $1
         ORDER BY x."storedAt" LIMIT $2 FOR NO KEY UPDATE OF x SKIP LOCKED`,
        [keptSince(now), limit],
      );
      const ids = due.map(({ id }) => id);
      await eraseChunks(tx, ids);
      await tx.query('/* disputeDocuments.content-removed */ UPDATE dispute_document SET "contentRemovedAt" = $2 WHERE id = ANY ($1::uuid[])', [ids, now]);
      for (const { id: documentId, disputeId: id, side, kind } of due) {
        const reason = `Kept for ${CONTENT_DAYS} days`;
        await audit(tx, { kind: 'DISPUTE', id }, { actorId: null, action: 'DOCUMENT_CONTENT_REMOVED', before: { documentId, side, kind }, after: null, reason, at: now });
      }
      return due.length;
    });
  }
}

async function eraseChunks(tx: Tx, documentIds: readonly string[]): Promise<void> {
  await tx.query('/* disputeDocuments.erase-chunks */ DELETE FROM dispute_document_chunk WHERE "documentId" = ANY ($1::uuid[])', [documentIds]);
}

/** Erases documents of disputes that the caller has locked. */
export async function eraseDocuments(tx: Tx, documentIds: readonly string[]): Promise<void> {
  await eraseChunks(tx, documentIds);
  await tx.query('/* disputeDocuments.erase */ DELETE FROM dispute_document WHERE id = ANY ($1::uuid[])', [documentIds]);
}
