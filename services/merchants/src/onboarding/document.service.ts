import { inTransaction, type Tx } from '@tael/platform/postgres';
import { chunkCount, type MediaType, planChunk, readAnnouncement, readContent, sumOfChunks, type UploadFault } from '@tael/platform/uploads';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import type { Viewer } from '../merchants/merchant.domain';
import type { DocumentEntity } from './application.entity';
import { type Application, APPLICATION_SUBJECT, type ApplicationStore, type Asking, BY_APPLICANT, type Outcome, refused, type Refused } from './application.store.service';
import { type DocumentKind, DOCUMENTS_MAX } from './document.domain';

/** A document as the API shows it; its content comes chunk by chunk. */
export interface MerchantDocument {
  readonly id: string;
  readonly applicationId: string;
  readonly kind: DocumentKind;
  readonly size: number;
  readonly sha256: string;
  readonly mediaType: MediaType | null;
  readonly nextChunk: number;
  readonly chunkCount: number;
  readonly stored: boolean;
  readonly message: string | null;
}

export interface NewDocument {
  readonly applicationId: string;
  readonly kind: DocumentKind;
  readonly size: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

export interface NewChunk {
  readonly documentId: string;
  readonly number: number;
  /** As base64. */
  readonly content: string;
}

/** So long what an operator reads of one document is one reading. */
const READING_MS = 60 * 60_000;

/** Takes documents chunk by chunk, and gives them back to whoever may know of their application. */
export class DocumentService {
  constructor(private readonly store: ApplicationStore) {}

  /** Announces a document; the same again is the same document. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, LIMIT_EXCEEDED. */
  async add(command: NewDocument, { viewer }: Asking): Promise<Outcome<{ document: MerchantDocument }>> {
    const { kind, size } = command;
    const announced = readAnnouncement(command);
    if ('fault' in announced) return faulty(announced.fault);
    const { sha256 } = announced;
    return inTransaction(this.store.parts.dataSource, async (tx) => {
      const taken = await this.store.take(tx, command.applicationId, 'EDIT', viewer);
      if (!taken.ok) return taken;
      const applicationId = taken.found.id;
      const rows: DocumentEntity[] = await tx.query('/* documents.all */ SELECT * FROM merchant_document WHERE "applicationId" = $1', [applicationId]);
      const same = rows.find((row) => row.kind === kind && row.sha256.equals(sha256));
      if (same) return same.size === size ? { ok: true, document: this.shown(same) } : refused('INVALID_INPUT', 'size', 'DOCUMENT_SIZE');
      if (rows.length >= DOCUMENTS_MAX) return refused('LIMIT_EXCEEDED', 'applicationId', 'DOCUMENTS');
      const [made]: DocumentEntity[] = await tx.query(
        `/* documents.add */ INSERT INTO merchant_document (id, "applicationId", kind, size, sha256, "nextChunk", "createdAt")
         VALUES ($1, $2, $3, $4, $5, 0, $6) RETURNING *`,
        [uuidv7(), applicationId, kind, size, sha256, this.store.parts.now()],
      );
      // Somebody goes on with it: what is kept for 90 days is kept from now on.
      await tx.query('/* documents.touch */ UPDATE merchant_application SET "updatedAt" = $2 WHERE id = $1', [applicationId, this.store.parts.now()]);
      return { ok: true, document: this.shown(made!) };
    });
  }

  /** Takes the next chunk; one that was taken is passed over. With the last one the whole is checked. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  async addChunk({ documentId, number, content }: NewChunk, { viewer }: Asking): Promise<Outcome<{ document: MerchantDocument }>> {
    const read = readContent(content);
    if ('fault' in read) return faulty(read.fault);
    return inTransaction(this.store.parts.dataSource, async (tx): Promise<Outcome<{ document: MerchantDocument }>> => {
      const found = await this.take(tx, documentId, viewer);
      if (!found.ok) return found;
      const { document } = found;
      const plan = planChunk(document, { number, bytes: read.bytes });
      if ('fault' in plan) return faulty(plan.fault);
      if (plan.place === 'BEFORE') return this.takenBefore(tx, document, { number, content });
      // The sum is that of what is kept and of this chunk: a wrong last one leaves nothing behind but its count, which is committed.
      if (plan.isLast && !(await this.sumWith(tx, document, { number, bytes: read.bytes })).equals(document.sha256)) {
        await tx.query('/* documents.wrong */ UPDATE merchant_document SET "wrongSums" = "wrongSums" + 1 WHERE id = $1', [document.id]);
        return faulty({ field: 'content', reason: 'SHA256' });
      }
      await tx.query(
        '/* documents.chunk */ INSERT INTO merchant_document_chunk (id, "documentId", number, content) VALUES ($1, $2, $3, $4)',
        [uuidv7(), document.id, number, this.store.parts.sealer.seal(content, document.id)],
      );
      return { ok: true, document: await this.taken(tx, document, { number, ...plan, viewer }) };
    });
  }

  /** Takes a document out; again is answered as the first time, for its applicant. Refusals: NOT_FOUND, NOT_ALLOWED. */
  async remove(documentId: string, { viewer }: Asking): Promise<Outcome<{ application: Application }>> {
    return inTransaction(this.store.parts.dataSource, async (tx) => {
      const found = await this.take(tx, documentId, viewer);
      const before = found.ok ? undefined : await this.removedBefore(tx, documentId, viewer);
      if (!found.ok && !before) return found;
      const applicationId = found.ok ? found.document.applicationId : before!;
      if (found.ok) await this.erase(tx, found.document, viewer);
      return { ok: true, application: (await this.store.find([applicationId], tx))[0]! };
    });
  }

  private async erase(tx: Tx, { id, applicationId, kind }: DocumentEntity, viewer: Viewer): Promise<void> {
    await tx.query('/* documents.remove-chunks */ DELETE FROM merchant_document_chunk WHERE "documentId" = $1', [id]);
    await tx.query('/* documents.remove */ DELETE FROM merchant_document WHERE id = $1', [id]);
    await tx.query(
      '/* documents.removed */ INSERT INTO merchant_document_removed ("documentId", "applicationId", at) VALUES ($1, $2, $3)', [id, applicationId, this.store.parts.now()],
    );
    const before = { documentId: id, kind };
    await this.store.trail(tx, applicationId, viewer, { action: 'DOCUMENT_REMOVED', before, after: null, reason: BY_APPLICANT });
  }

  /** Gives the application of a document that was taken out, to its applicant: what is done needs no lock, whatever became of the application. */
  private async removedBefore(tx: Tx, documentId: string, { personId }: Viewer): Promise<string | undefined> {
    if (!isUuid(documentId)) return undefined;
    const [row]: { applicationId: string }[] = await tx.query(
      `/* documents.removed-before */ SELECT r."applicationId" FROM merchant_document_removed r JOIN merchant_application a ON a.id = r."applicationId"
       WHERE r."documentId" = $1 AND a."applicantId" = $2`,
      [documentId, personId],
    );
    return row?.applicationId;
  }

  /** Gives the documents of applications, in the order in which they were announced, whoever asks. */
  async ofApplications(applicationIds: readonly string[]): Promise<Map<string, MerchantDocument[]>> {
    const rows: DocumentEntity[] = await this.store.parts.dataSource.query(
      '/* documents.list */ SELECT * FROM merchant_document WHERE "applicationId" = ANY ($1::uuid[]) ORDER BY id', [applicationIds],
    );
    const documents = new Map<string, MerchantDocument[]>();
    for (const row of rows) documents.set(row.applicationId, [...(documents.get(row.applicationId) ?? []), this.shown(row)]);
    return documents;
  }

  /**
   * Gives a chunk of a document that is here whole, as base64, to whoever may know of it. That an operator reads one of somebody else's stands in
   * the trail before they have it: once an hour for each operator and document.
   */
  async content(documentId: string, number: number, viewer: Viewer): Promise<string | null> {
    const [row]: { content: string }[] = await this.store.parts.dataSource.query(
      `/* documents.content */ SELECT c.content FROM merchant_document_chunk c JOIN merchant_document d ON d.id = c."documentId"
       WHERE c."documentId" = $1 AND c.number = $2 AND d."storedAt" IS NOT NULL`,
      [documentId, number],
    );
    if (!row) return null;
    // It may have been taken out since it was read: what can stand in no trail is not given.
    if (viewer.isOperator && !(await this.noteReading(documentId, viewer))) return null;
    return this.store.parts.sealer.open(row.content, documentId);
  }

  /** Gives whether the document is there still. Of readings at once, the later wait for the first and find it in the trail. */
  private async noteReading(documentId: string, viewer: Viewer): Promise<boolean> {
    const { dataSource, now } = this.store.parts;
    return inTransaction(dataSource, async (tx) => {
      const [held]: object[] = await tx.query('/* documents.hold */ SELECT 1 FROM merchant_document WHERE id = $1 FOR NO KEY UPDATE', [documentId]);
      if (!held) return false;
      const [unseen]: { applicationId: string; kind: string }[] = await tx.query(
        `/* documents.reading */ SELECT d."applicationId", d.kind FROM merchant_document d JOIN merchant_application a ON a.id = d."applicationId"
         WHERE d.id = $1 AND a."applicantId" <> $2 AND NOT EXISTS (
           SELECT FROM audit_entry e WHERE e."subjectKind" = $3 AND e."subjectId" = a.id AND e.action = 'DOCUMENT_READ' AND e."actorId" = $2
             AND e.after ->> 'documentId' = d.id::text AND e.at > $4)`,
        [documentId, viewer.personId, APPLICATION_SUBJECT, new Date(now().getTime() - READING_MS)],
      );
      if (!unseen) return true;
      const { applicationId, kind } = unseen;
      await this.store.trail(tx, applicationId, viewer, { action: 'DOCUMENT_READ', before: null, after: { documentId, kind }, reason: 'Read by an operator' });
      return true;
    });
  }

  private async take(tx: Tx, documentId: string, viewer: Viewer): Promise<Outcome<{ document: DocumentEntity }>> {
    const missing = refused('NOT_FOUND', 'documentId');
    const read = (): Promise<DocumentEntity[]> => tx.query('/* documents.find */ SELECT * FROM merchant_document WHERE id = $1', [documentId]);
    const [unlocked] = isUuid(documentId) ? await read() : [];
    if (!unlocked) return missing;
    const taken = await this.store.take(tx, unlocked.applicationId, 'EDIT', viewer);
    if (!taken.ok) return { ok: false, refusals: taken.refusals.map((refusal) => ({ ...refusal, field: ['input', 'documentId'] })) };
    // Read again under the lock of its application: it may have been taken out, or have grown.
    const [document] = await read();
    return document ? { ok: true, document } : missing;
  }

  private async takenBefore(tx: Tx, document: DocumentEntity, chunk: { number: number; content: string }): Promise<Outcome<{ document: MerchantDocument }>> {
    const [row]: { content: string }[] = await tx.query(
      '/* documents.chunk-before */ SELECT content FROM merchant_document_chunk WHERE "documentId" = $1 AND number = $2', [document.id, chunk.number],
    );
    const isSame = row !== undefined && this.store.parts.sealer.open(row.content, document.id) === chunk.content;
    return isSame ? { ok: true, document: this.shown(document) } : refused('INVALID_INPUT', 'content', 'DOCUMENT_CHUNK_CHANGED');
  }

  private async taken(
    tx: Tx, document: DocumentEntity,
    { number, mediaType, isLast, viewer }: { number: number; mediaType: MediaType; isLast: boolean; viewer: Viewer },
  ): Promise<MerchantDocument> {
    const storedAt = isLast ? this.store.parts.now() : null;
    await tx.query(
      '/* documents.taken */ UPDATE merchant_document SET "nextChunk" = $2, "mediaType" = $3, "storedAt" = $4 WHERE id = $1',
      [document.id, number + 1, mediaType, storedAt],
    );
    if (isLast) {
      const after = { documentId: document.id, kind: document.kind, mediaType, size: document.size, sha256: document.sha256.toString('hex') };
      await this.store.trail(tx, document.applicationId, viewer, { action: 'DOCUMENT_ADDED', before: null, after, reason: BY_APPLICANT });
    }
    return this.shown({ ...document, nextChunk: number + 1, mediaType, storedAt });
  }

  private sumWith(tx: Tx, { id, size }: DocumentEntity, last: { number: number; bytes: Buffer }): Promise<Buffer> {
    return sumOfChunks(size, async (number) => {
      if (number === last.number) return last.bytes;
      const [row]: { content: string }[] = await tx.query(
        '/* documents.sum */ SELECT content FROM merchant_document_chunk WHERE "documentId" = $1 AND number = $2', [id, number],
      );
      return Buffer.from(this.store.parts.sealer.open(row!.content, id), 'base64');
    });
  }

  private shown(row: DocumentEntity): MerchantDocument {
    const { id, applicationId, kind, size, mediaType, nextChunk, message } = row;
    return {
      id, applicationId, kind, size, mediaType, nextChunk, sha256: row.sha256.toString('hex'), chunkCount: chunkCount(size),
      stored: row.storedAt !== null, message: message === null ? null : this.store.parts.sealer.open(message, id),
    };
  }
}

const faulty = ({ field, reason }: UploadFault): Refused =>
  refused(reason === 'UPLOAD_CLOSED' ? 'NOT_ALLOWED' : 'INVALID_INPUT', field, reason);
