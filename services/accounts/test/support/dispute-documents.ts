import { createHash, randomBytes } from 'node:crypto';
import { CHUNK_BYTES, chunkCount } from '@tael/platform/uploads';
import { v7 as uuidv7 } from 'uuid';
import { DisputeDocumentService } from '../../src/dispute-documents/dispute-document.service';
import type { Caller } from '../../src/transactions/transaction.domain';
import { type Bank, type Customer, openBank, usd } from './bank';

/** A merchant with its people, payers who dispute what they paid to it, and documents of both. */
export interface DisputeDocumentWorld {
  readonly bank: Bank;
  readonly owner: Customer;
  readonly manager: Customer;
  readonly till: Customer;
  readonly operator: Customer;
  readonly documents: DisputeDocumentService;
}

export const pdf = (size: number): Buffer => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(size)]).subarray(0, size);
export const codes = (answer: { ok: boolean; refusals?: readonly { code: string; reason?: string }[] }): string =>
  answer.ok ? 'OK' : answer.refusals!.map(({ code, reason }) => [code, reason].filter(Boolean).join(' ')).join();

/** Gives the steps of documents in a world that `open` makes before the first test. */
export function disputeDocumentWorld(name: string) {
  let world: DisputeDocumentWorld;
  let merchantId: string;

  async function open(): Promise<DisputeDocumentWorld> {
    const bank = await openBank(name);
    const [owner, manager, till, operator] = [await bank.customer(), await bank.customer(), await bank.customer(), await bank.customer({ operator: true })];
    merchantId = await bank.merchant({
      people: [owner.personId, manager.personId, till.personId],
      roles: [
        { personId: owner.personId, role: 'OWNER' }, { personId: manager.personId, role: 'MANAGER' }, { personId: till.personId, role: 'CASHIER' },
      ],
    });
    const documents = new DisputeDocumentService({ dataSource: bank.dataSource, sealer: bank.sealer, now: () => new Date() });
    return (world = { bank, owner, manager, till, operator, documents });
  }

  /** The service at another time. */
  const at = (now: () => Date) => new DisputeDocumentService({ dataSource: world.bank.dataSource, sealer: world.bank.sealer, now });
  async function opened(payer?: Customer): Promise<{ payer: Customer; id: string; respondBy: Date }> {
    const { bank } = world;
    const person = payer ?? await bank.customer({ minor: 10_000n });
    const paid = await bank.services.payments.pay(person, {
      walletId: person.walletId, merchantId, amount: usd(500n), description: undefined, idempotencyKey: uuidv7(),
    });
    if (!paid.ok) throw new Error(codes(paid));
    const answer = await bank.services.disputes.open(person, {
      transactionId: paid.transactionId, reason: 'NOT_RECEIVED', description: 'It never came', amount: undefined,
    });
    if (!answer.ok) throw new Error(codes(answer));
    return { payer: person, id: answer.dispute.id, respondBy: answer.dispute.respondBy };
  }
  const announce = (by: Caller, disputeId: string, content: Buffer, service = world.documents) => service.announce(by, {
    disputeId, kind: 'RECEIPT', size: content.length, sha256: createHash('sha256').update(content).digest('hex'),
  });
  async function announced(by: Caller, disputeId: string, content: Buffer): Promise<string> {
    const answer = await announce(by, disputeId, content);
    if (!answer.ok) throw new Error(codes(answer));
    return answer.document.id;
  }
  const chunk = (by: Caller, documentId: string, number: number, content: Buffer, service = world.documents) => service.addChunk(by, {
    documentId, number, content: content.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES).toString('base64'),
  });
  async function handedIn(by: Caller, disputeId: string, content = pdf(300)): Promise<string> {
    const documentId = await announced(by, disputeId, content);
    for (let number = 0; number < chunkCount(content.length); number += 1) expect(codes(await chunk(by, documentId, number, content))).toBe('OK');
    return documentId;
  }
  const listed = async (disputeId: string, viewer: Caller) => (await world.documents.reader.ofDisputes([disputeId], viewer)).get(disputeId) ?? [];
  /** What stands of a dispute's documents: how many, whole ones and chunks. */
  async function rowsOf(disputeId: string): Promise<{ documents: number; stored: number; chunks: number }> {
    const [row] = await world.bank.dataSource.query(
      `SELECT count(DISTINCT x.id)::int AS documents, count(DISTINCT x.id) FILTER (WHERE x."storedAt" IS NOT NULL)::int AS stored, count(c.id)::int AS chunks
       FROM dispute_document x LEFT JOIN dispute_document_chunk c ON c."documentId" = x.id WHERE x."disputeId" = $1`, [disputeId]);
    return row;
  }
  const trail = async (disputeId: string) =>
    (await world.documents.reader.trail(disputeId, { limit: 100, after: undefined })).reverse().map(({ action, actorId, before, after, reason }) => ({ action, actorId, before, after, reason }));
  const contest = (disputeId: string) => world.bank.services.disputes.contest(world.owner, { disputeId, evidence: 'It was handed over' });
  return { open, at, opened, announce, announced, chunk, handedIn, listed, rowsOf, trail, contest };
}
