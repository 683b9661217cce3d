import { inTransaction, type Tx } from '@tael/platform/postgres';
import { planChunk, readAnnouncement, readContent, sumOfChunks, type UploadFault } from '@tael/platform/uploads';
import { v7 as uuidv7 } from 'uuid';
import { audit } from '../audit/audit.service';
import type { DisputeState } from '../disputes/dispute.domain';
import { tellDispute } from '../disputes/dispute.end.service';
import type { DisputeEntity } from '../disputes/dispute.entity';
import { type Dispute, DisputeReader } from '../disputes/dispute.rows.service';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse, type Refused } from '../outcomes/outcome.domain';
import { findPayment } from '../refunds/refund.booking.service';
import type { Caller } from '../transactions/transaction.domain';
import {
  dayOf, type DisputeParties, type DisputeSide, type EvidenceKind, mayAddTo, mayAnnounce, mayChange, mayStillChange, sideOf,
} from './dispute-document.domain';
import type { DisputeDocumentEntity } from './dispute-document.entity';
import { DisputeDocumentKeeper, eraseDocuments } from './dispute-document.keeping.service';
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
type LockedDispute = DisputeState & Pick<DisputeEntity, 'id' | 'transactionId' | 'currency' | 'amount'>;
/** A document under the lock of its dispute, with the instant at which both were looked at, and whether it may still change. */
interface Held {
  readonly document: DisputeDocumentEntity;
  readonly dispute: LockedDispute;
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
  readonly keeper: DisputeDocumentKeeper;

  constructor(private readonly parts: DocumentParts) {
    this.reader = new DisputeDocumentReader(parts);
    this.keeper = new DisputeDocumentKeeper(parts);
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
      if (plan.isLast && !(await this.sumWith(tx, document, { number, bytes: read.bytes })).equals(document.sha256)) {
        await tx.query('/* disputeDocuments.wrong */ UPDATE dispute_document SET "wrongSums" = "wrongSums" + 1 WHERE id = $1', [document.id]);
        return faulty({ field: 'content', reason: 'SHA256' });
      }
      await tx.query(
        '/* disputeDocuments.chunk */ INSERT INTO dispute_document_chunk (id, "documentId", number, content) VALUES ($1, $2, $3, $4)',
        [uuidv7(), document.id, number, this.parts.sealer.seal(content, document.id)],
      );
      const after = { ...document, nextChunk: number + 1, mediaType: plan.mediaType, storedAt: plan.isLast ? taken.now : null };
      await tx.query(
        '/* disputeDocuments.taken */ UPDATE dispute_document SET "nextChunk" = $2, "mediaType" = $3, "storedAt" = $4 WHERE id = $1',
        [document.id, after.nextChunk, after.mediaType, after.storedAt],
      );
      if (plan.isLast) await this.whole(tx, caller, { ...taken, document: after });
      return { ok: true, document: shownDocument(after) };
    });
  }

  /** Notes that all of a document is here, and tells the other side, with its last chunk: once a document. */
  private async whole(tx: Tx, caller: Caller, { document, dispute, now }: Held): Promise<void> {
    await this.note(tx, caller, 'DOCUMENT_ADDED', { document, now });
    const payment = (await findPayment(tx, dispute.transactionId))!;
    await tellDispute(tx, caller, { dispute, payment }, { type: 'dispute.document-added', documentId: document.id, side: document.side, occurredAt: now });
  }

  /** Withdraws a document: it is erased. Again is answered as the first time, for its side. */
  async withdraw(caller: Caller, documentId: string): Promise<Outcome<{ dispute: Dispute }>> {
    return inTransaction(this.parts.dataSource, async (tx) => {
      const taken = await this.take(tx, caller, documentId);
      const before = taken.ok ? undefined : await this.withdrawnBefore(tx, caller, documentId);
      if (!taken.ok && !before) return taken;
      if (taken.ok) {
        if (!taken.still.ok) return taken.still;
        await this.erase(tx, caller, taken);
      }
      const disputes = new DisputeReader({ manager: tx, sealer: this.parts.sealer });
      return { ok: true, dispute: await disputes.one(tx, taken.ok ? taken.dispute.id : before!) };
    });
  }

  private async erase(tx: Tx, caller: Caller, held: Held): Promise<void> {
    const { id, disputeId, side, storedAt } = held.document;
    await eraseDocuments(tx, [id]);
    await tx.query(
      '/* disputeDocuments.withdrawn */ INSERT INTO dispute_document_withdrawn ("documentId", "disputeId", side, at) VALUES ($1, $2, $3, $4)',
      [id, disputeId, side, held.now],
    );
    if (storedAt) await this.note(tx, caller, 'DOCUMENT_WITHDRAWN', held);
  }

  /** Gives the dispute of a document that was withdrawn, to whoever could withdraw it; what is done needs no lock. */
  private async withdrawnBefore(tx: Tx, caller: Caller, documentId: string): Promise<string | undefined> {
    const [row]: (DisputeParties & { disputeId: string; side: DisputeSide })[] = await tx.query(
      `/* disputeDocuments.withdrawn-before */ SELECT w."disputeId", w.side, d."personId", coalesce(m.people, '{}') AS "merchantPeople",
         coalesce(m.cashiers, '{}') AS cashiers FROM dispute_document_withdrawn w JOIN dispute d ON d.id = w."disputeId"
       LEFT JOIN merchant_copy m ON m."merchantId" = d."merchantId" WHERE w."documentId" = $1`,
      [uuidOf(documentId)],
    );
    return row && sideOf(row, caller) === row.side ? row.disputeId : undefined;
  }

  /** Locks a dispute and gives it with who stands where in it, and the time when the lock was there. */
  private async lock(tx: Tx, id: string | undefined): Promise<{ dispute: LockedDispute | undefined; now: Date }> {
    const [dispute]: LockedDispute[] = id === undefined ? [] : await tx.query(
      `/* disputeDocuments.lock */ SELECT d.id, d.status, d."respondBy", d."personId", d."transactionId", d.currency, d.amount, coalesce(m.people, '{}') AS "merchantPeople",
         coalesce(m.cashiers, '{}') AS cashiers FROM dispute d LEFT JOIN merchant_copy m ON m."merchantId" = d."merchantId" WHERE d.id = $1 FOR NO KEY UPDATE OF d`,
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
    return allowed.ok ? { ok: true, document: document!, dispute: dispute!, now, still: mayStillChange(dispute!, now, 'documentId') } : allowed;
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
    // It may be removed right now: who removes takes no lock of the dispute.
    const taken = document.contentRemovedAt ? undefined : await this.chunkOf(tx, document.id, chunk.number);
    if (taken === undefined) return refuse('NOT_ALLOWED', ['input', 'documentId'], 'CONTENT_REMOVED');
    const isSame = taken === chunk.content;
    return isSame ? { ok: true, document: shownDocument(document) } : faulty({ field: 'content', reason: 'DOCUMENT_CHUNK_CHANGED' });
  }

  private sumWith(tx: Tx, { id, size }: DisputeDocumentEntity, last: { number: number; bytes: Buffer }): Promise<Buffer> {
    return sumOfChunks(size, async (number) => (number === last.number ? last.bytes : Buffer.from((await this.chunkOf(tx, id, number))!, 'base64')));
  }

  private async chunkOf(tx: Tx, documentId: string, number: number): Promise<string | undefined> {
    const [row]: { content: string }[] = await tx.query(
      '/* disputeDocuments.chunk-of */ SELECT content FROM dispute_document_chunk WHERE "documentId" = $1 AND number = $2', [documentId, number],
    );
    return row && this.parts.sealer.open(row.content, documentId);
  }

  private async note(tx: Tx, { personId: actorId }: Caller, action: 'DOCUMENT_ADDED' | 'DOCUMENT_WITHDRAWN', { document, now: at }: Pick<Held, 'document' | 'now'>): Promise<void> {
    const { id: documentId, side, kind, mediaType, size } = document;
    const facts = { documentId, side, kind, mediaType, size, sha256: document.sha256.toString('hex') };
    const [before, after] = action === 'DOCUMENT_ADDED' ? [null, facts] : [facts, null];
    await audit(tx, { kind: 'DISPUTE', id: document.disputeId }, { actorId, action, before, after, reason: BY[side], at });
  }
}

const faulty = ({ field, reason }: UploadFault): Refused => 
  refuse(reason === 'UPLOAD_CLOSED' ? 'NOT_ALLOWED' : 'INVALID_INPUT', ['input', field], reason);
