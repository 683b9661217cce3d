import { inTransaction, type Tx } from '@tael/platform/postgres';
import { planChunk, readAnnouncement, readContent, sumOfChunks, type UploadFault } from '@tael/platform/uploads';
import { v7 as uuidv7 } from 'uuid';
import { audit } from '../audit/audit.service';
import type { DisputeState } from '../disputes/dispute.domain';
import { type Dispute, DisputeReader } from '../disputes/dispute.rows.service';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse, type Refused } from '../outcomes/outcome.domain';
import type { Caller } from '../transactions/transaction.domain';
import { type DisputeSide, type EvidenceKind, mayAddTo, mayAnnounce, mayChange, mayStillChange, UPLOAD_MS } from './dispute-document.domain';
import type { DisputeDocumentEntity } from './dispute-document.entity';
import { type DisputeDocument, DisputeDocumentReader, type DocumentParts, shownDocument } from './dispute-document.rows.service';

export interface NewDisputeDocument {
  readonly disputeId: string;
  readonly kind: EvidenceKind;
  readonly size: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

export interface NewDisputeDocumentChunk {
  readonly documentId: string;
  readonly number: number;
  /** As base64. */
  readonly content: string;
}

type Answer = Promise<Outcome<{ document: DisputeDocument }>>;
/** A document under the lock of its dispute, with the instant at which both were looked at, and whether it may still change. */
interface Held {
  readonly document: DisputeDocumentEntity;
  readonly now: Date;
  readonly still: Outcome<object>;
}

/** What the trail says of those who hand in: they give no reason. */
const BY: Readonly<Record<DisputeSide, string>> = { PERSON: 'By the payer', MERCHANT: 'By the merchant' };

/**
 * Takes evidence as documents, chunk by chunk. Each step locks the dispute's row and reads the time when it has it, as an answer, a
 * decision and the deadline do: so a document is in before one of these, or it is not in at all.
 */
export class DisputeDocumentService {
  readonly reader: DisputeDocumentReader;

  constructor(private readonly parts: DocumentParts) {
    this.reader = new DisputeDocumentReader(parts);
  }

  /** Announces a document; the same again is the same document. */
  async announce(caller: Caller, command: NewDisputeDocument): Answer {
    const announced = readAnnouncement(command);
    if ('fault' in announced) return faulty(announced.fault);
    const { kind, size } = command;
    return inTransaction(this.parts.dataSource, async (tx): Answer => {
      const { dispute, now } = await this.lock(tx, uuidOf(command.disputeId));
      const allowed = mayAnnounce(dispute, caller);
      if (!allowed.ok) return allowed;
      const { side } = allowed;
      const rows: DisputeDocumentEntity[] = await tx.query(
        '/* disputeDocuments.side */ SELECT * FROM dispute_document WHERE "disputeId" = $1 AND side = $2', [dispute!.id, side],
      );
      const same = rows.find((row) => row.kind === kind && row.sha256.equals(announced.sha256));
      if (same) return same.size === size ? { ok: true, document: shownDocument(same) } : refuse('INVALID_INPUT', ['input', 'size'], 'DOCUMENT_SIZE');
      const still = mayStillChange(dispute!, now, 'disputeId');
      if (!still.ok) return still;
      const room = mayAddTo({ ofSide: rows.length, ofDay: await this.ofDay(tx, caller.personId, now) });
      if (!room.ok) return room;
      await tx.query(
        `/* disputeDocuments.count */ INSERT INTO dispute_document_count AS c ("personId", day, announced) VALUES ($1, $2, 1)
         ON CONFLICT ("personId", day) DO UPDATE SET announced = c.announced + 1`,
        [caller.personId, dayOf(now)],
      );
      const [made]: DisputeDocumentEntity[] = await tx.query(
        `/* disputeDocuments.add */ INSERT INTO dispute_document (id, "disputeId", side, kind, size, sha256, "nextChunk", "addedBy", "createdAt")
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8) RETURNING *`,
        [uuidv7(), dispute!.id, side, kind, size, announced.sha256, caller.personId, now],
      );
      return { ok: true, document: shownDocument(made!) };
    });
  }

  /** Takes the next chunk; one that was taken is passed over. With the last one the whole is checked. */
  async addChunk(caller: Caller, { documentId, number, content }: NewDisputeDocumentChunk): Answer {
    const read = readContent(content);
    if ('fault' in read) return faulty(read.fault);
    return inTransaction(this.parts.dataSource, async (tx): Answer => {
      const taken = await this.take(tx, caller, documentId);
      if (!taken.ok) return taken;
      const { document, still } = taken;
      const plan = planChunk(document, { number, bytes: read.bytes });
      if ('place' in plan && plan.place === 'BEFORE') return this.takenBefore(tx, document, { number, content });
      if (!still.ok) return still;
      if ('fault' in plan) return faulty(plan.fault);
      // The sum is that of what is kept and of this chunk, so that a wrong last one leaves nothing behind.
      if (plan.isLast && !(await this.sumWith(tx, document, { number, bytes: read.bytes })).equals(document.sha256))
        return faulty({ field: 'content', reason: 'SHA256' });
      await tx.query(
        '/* disputeDocuments.chunk */ INSERT INTO dispute_document_chunk (id, "documentId", number, content) VALUES ($1, $2, $3, $4)',
        [uuidv7(), document.id, number, this.parts.sealer.seal(content, document.id)],
      );
      const after = { ...document, nextChunk: number + 1, mediaType: plan.mediaType, storedAt: plan.isLast ? taken.now : null };
      await tx.query(
        '/* disputeDocuments.taken */ UPDATE dispute_document SET "nextChunk" = $2, "mediaType" = $3, "storedAt" = $4 WHERE id = $1',
        [document.id, after.nextChunk, after.mediaType, after.storedAt],
      );
      if (plan.isLast) await this.note(tx, caller, 'DOCUMENT_ADDED', { document: after, now: taken.now });
      return { ok: true, document: shownDocument(after) };
    });
  }

  /** Withdraws a document: it is erased. */
  async withdraw(caller: Caller, documentId: string): Promise<Outcome<{ dispute: Dispute }>> {
    return inTransaction(this.parts.dataSource, async (tx) => {
      const taken = await this.take(tx, caller, documentId);
      if (!taken.ok) return taken;
      const { document, still } = taken;
      if (!still.ok) return still;
      await erase(tx, [document.id]);
      if (document.storedAt) await this.note(tx, caller, 'DOCUMENT_WITHDRAWN', taken);
      const disputes = new DisputeReader({ manager: tx, sealer: this.parts.sealer });
      return { ok: true, dispute: await disputes.one(tx, document.disputeId) };
    });
  }

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
      await erase(tx, left.map(({ id }) => id));
      await tx.query('/* disputeDocuments.forget-counts */ DELETE FROM dispute_document_count WHERE day < $1', [dayOf(new Date(now.getTime() - UPLOAD_MS))]);
      return left.length;
    });
  }

  /** Locks a dispute and gives it with who stands where in it, and the time when the lock was there. */
  private async lock(tx: Tx, id: string | undefined): Promise<{ dispute: (DisputeState & { id: string }) | undefined; now: Date }> {
    const [dispute]: (DisputeState & { id: string })[] = id === undefined ? [] : await tx.query(
      `/* disputeDocuments.lock */ SELECT d.id, d.status, d."respondBy", d."personId", coalesce(m.people, '{}') AS "merchantPeople", coalesce(m.cashiers, '{}') AS cashiers
       FROM dispute d LEFT JOIN merchant_copy m ON m."merchantId" = d."merchantId" WHERE d.id = $1 FOR NO KEY UPDATE OF d`,
      [id],
    );
    return { dispute, now: this.parts.now() };
  }

  /** Takes a document under the lock of its dispute, if the caller may change it. */
  private async take(tx: Tx, caller: Caller, documentId: string): Promise<Outcome<Held>> {
    const id = uuidOf(documentId);
    const read = (): Promise<DisputeDocumentEntity[]> => tx.query('/* disputeDocuments.find */ SELECT * FROM dispute_document WHERE id = $1', [id]);
    const [unlocked] = id ? await read() : [];
    const { dispute, now } = await this.lock(tx, unlocked?.disputeId);
    // Read again under the lock: it may have been withdrawn, or have grown.
    const [document] = dispute ? await read() : [];
    const allowed = mayChange(document, dispute, caller);
    return allowed.ok ? { ok: true, document: document!, now, still: mayStillChange(dispute!, now, 'documentId') } : allowed;
  }

  /**
   * Gives how many documents a person announced on this day. They are counted apart from the documents, since a withdrawn one leaves
   * lines in the trail for ever; and a person's announcements stand in one line, so that the bound holds across disputes.
   */
  private async ofDay(tx: Tx, personId: string, now: Date): Promise<number> {
    await tx.query('/* disputeDocuments.line */ SELECT pg_advisory_xact_lock(hashtextextended($1, 35))', [personId]);
    const [row]: { announced: number }[] = await tx.query(
      '/* disputeDocuments.of-day */ SELECT announced FROM dispute_document_count WHERE "personId" = $1 AND day = $2', [personId, dayOf(now)],
    );
    return row?.announced ?? 0;
  }

  private async takenBefore(tx: Tx, document: DisputeDocumentEntity, chunk: { number: number; content: string }): Answer {
    const isSame = (await this.chunkOf(tx, document.id, chunk.number)) === chunk.content;
    return isSame ? { ok: true, document: shownDocument(document) } : faulty({ field: 'content', reason: 'DOCUMENT_CHUNK_CHANGED' });
  }

  private sumWith(tx: Tx, { id, size }: DisputeDocumentEntity, last: { number: number; bytes: Buffer }): Promise<Buffer> {
    return sumOfChunks(size, async (number) => (number === last.number ? last.bytes : Buffer.from(await this.chunkOf(tx, id, number), 'base64')));
  }

  private async chunkOf(tx: Tx, documentId: string, number: number): Promise<string> {
    const [row]: { content: string }[] = await tx.query(
      '/* disputeDocuments.chunk-of */ SELECT content FROM dispute_document_chunk WHERE "documentId" = $1 AND number = $2', [documentId, number],
    );
    return this.parts.sealer.open(row!.content, documentId);
  }

  private async note(tx: Tx, { personId: actorId }: Caller, action: 'DOCUMENT_ADDED' | 'DOCUMENT_WITHDRAWN', { document, now: at }: Pick<Held, 'document' | 'now'>): Promise<void> {
    const { id: documentId, side, kind, mediaType, size } = document;
    const facts = { documentId, side, kind, mediaType, size, sha256: document.sha256.toString('hex') };
    const [before, after] = action === 'DOCUMENT_ADDED' ? [null, facts] : [facts, null];
    await audit(tx, { kind: 'DISPUTE', id: document.disputeId }, { actorId, action, before, after, reason: BY[side], at });
  }
}

/** The day of an instant, in UTC. */
const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);

/** Erases documents of disputes that the caller has locked. */
async function erase(tx: Tx, documentIds: readonly string[]): Promise<void> {
  await tx.query('/* disputeDocuments.erase-chunks */ DELETE FROM dispute_document_chunk WHERE "documentId" = ANY ($1::uuid[])', [documentIds]);
  await tx.query('/* disputeDocuments.erase */ DELETE FROM dispute_document WHERE id = ANY ($1::uuid[])', [documentIds]);
}

const faulty = ({ field, reason }: UploadFault): Refused => refuse('INVALID_INPUT', ['input', field], reason);
