import { chunkCount, type MediaType } from '@tael/platform/uploads';
import { inTransaction } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { audit, auditTrail } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import type { Viewer } from '../transactions/transaction.domain';
import { type DisputeParties, type DisputeSide, type EvidenceKind, isShown, READING_MS, readsAs } from './dispute-document.domain';
import type { DisputeDocumentEntity } from './dispute-document.entity';

/** A document as the API shows it; its content comes chunk by chunk. */
export interface DisputeDocument {
  readonly id: string;
  readonly disputeId: string;
  readonly side: DisputeSide;
  readonly kind: EvidenceKind;
  readonly size: number;
  readonly sha256: string;
  readonly mediaType: MediaType | null;
  readonly nextChunk: number;
  readonly chunkCount: number;
  readonly stored: boolean;
  readonly createdAt: Date;
  readonly contentRemovedAt: Date | null;
}

export interface DocumentParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly now: () => Date;
}

/** Gives a row as it is shown. */
export function shownDocument(row: DisputeDocumentEntity): DisputeDocument {
  const { id, disputeId, side, kind, size, mediaType, nextChunk, createdAt, contentRemovedAt } = row;
  return {
    id, disputeId, side, kind, size, mediaType, nextChunk, createdAt, contentRemovedAt, sha256: row.sha256.toString('hex'), chunkCount: chunkCount(size), stored: row.storedAt !== null,
  };
}

/** What of an answer says who stands where in a dispute `d`. */
const PARTIES = `d."personId", coalesce(m.people, '{}') AS "merchantPeople", coalesce(m.cashiers, '{}') AS cashiers`;

/** Shows documents of disputes, and what is in them, to whom the rules let see it. */
export class DisputeDocumentReader {
  constructor(private readonly parts: DocumentParts) {}

  /** Gives the documents of disputes as the viewer sees them, in the order in which they were announced. */
  async ofDisputes(disputeIds: readonly string[], viewer: Viewer): Promise<Map<string, DisputeDocument[]>> {
    const rows: (DisputeDocumentEntity & DisputeParties)[] = await this.parts.dataSource.query(
      `/* disputeDocuments.list */ SELECT x.*, ${PARTIES} FROM dispute_document x JOIN dispute d ON d.id = x."disputeId"
       LEFT JOIN merchant_copy m ON m."merchantId" = d."merchantId" WHERE x."disputeId" = ANY ($1::uuid[]) ORDER BY x.id`,
      [disputeIds],
    );
    const documents = new Map<string, DisputeDocument[]>();
    for (const row of rows) {
      const document = shownDocument(row);
      if (isShown(document, row, viewer)) documents.set(row.disputeId, [...(documents.get(row.disputeId) ?? []), document]);
    }
    return documents;
  }

  /**
   * Gives a chunk of a document that is here whole, as base64, to its sides and to operators. That an operator reads one stands in the trail
   * before they have it: once an hour for each operator and document.
   */
  async content(documentId: string, number: number, viewer: Viewer): Promise<string | null> {
    const [row]: (DisputeParties & { content: string })[] = await this.parts.dataSource.query(
      `/* disputeDocuments.content */ SELECT c.content, ${PARTIES} FROM dispute_document_chunk c JOIN dispute_document x ON x.id = c."documentId"
       JOIN dispute d ON d.id = x."disputeId" LEFT JOIN merchant_copy m ON m."merchantId" = d."merchantId"
       WHERE c."documentId" = $1 AND c.number = $2 AND x."storedAt" IS NOT NULL`,
      [documentId, number],
    );
    const as = row && readsAs(row, viewer);
    if (!as) return null;
    // It may have been withdrawn or removed since it was read: what can stand in no trail is not given.
    if (as === 'OPERATOR' && !(await this.noteReading(documentId, viewer))) return null;
    return this.parts.sealer.open(row.content, documentId);
  }

  /** Gives up to `page.limit` entries about a dispute's documents, the newest first: for operators. */
  trail(disputeId: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.parts.dataSource, { kind: 'DISPUTE', id: disputeId }, page);
  }

  /** Gives whether the document and its content are there still. Of readings at once, the later wait for the first and find it in the trail. */
  private async noteReading(documentId: string, { personId: actorId }: Viewer): Promise<boolean> {
    const at = this.parts.now();
    return inTransaction(this.parts.dataSource, async (tx) => {
      const [held]: Pick<DisputeDocumentEntity, 'disputeId' | 'side' | 'kind'>[] = await tx.query(
        '/* disputeDocuments.hold */ SELECT "disputeId", side, kind FROM dispute_document WHERE id = $1 AND "contentRemovedAt" IS NULL FOR NO KEY UPDATE', [documentId],
      );
      if (!held) return false;
      const [before]: object[] = await tx.query(
        `/* disputeDocuments.reading */ SELECT 1 FROM audit_entry WHERE "subjectKind" = 'DISPUTE' AND "subjectId" = $1 AND action = 'DOCUMENT_READ'
           AND "actorId" = $2 AND after ->> 'documentId' = $3 AND at > $4 LIMIT 1`,
        [held.disputeId, actorId, documentId, new Date(at.getTime() - READING_MS)],
      );
      if (before) return true;
      const { disputeId: id, side, kind } = held;
      await audit(tx, { kind: 'DISPUTE', id }, { actorId, action: 'DOCUMENT_READ', before: null, after: { documentId, side, kind }, reason: 'Read by an operator', at });
      return true;
    });
  }
}
