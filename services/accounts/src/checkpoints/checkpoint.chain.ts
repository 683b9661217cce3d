import { createHash } from 'node:crypto';

/** A place in the books: transactions are chained in order of their instant, then of their id. */
export interface Place {
  readonly at: string;
  readonly id: string;
}

/** A transaction as it is hashed. */
export interface ChainedTransaction extends Place {
  readonly content: string;
  /** Every account that its postings name has its entry: nothing of it waits for the folder any more. */
  readonly whole: boolean;
}

export interface Checkpoint {
  readonly number: bigint;
  readonly untilAt: string;
  readonly untilId: string;
  readonly ids: Buffer;
  readonly digests: Buffer;
  readonly hash: Buffer;
}

/** Before the first transaction. */
export const BEGINNING: Place = { at: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

/** What the first checkpoint has for the hash before it. */
export const NO_HASH = Buffer.alloc(32);

const ID_BYTES = 16;
const DIGEST_BYTES = 32;

const sha256 = (...parts: (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const bytesOf = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

function idOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Hashes a checkpoint's row together with the hash before it. Every part but the last two has a fixed length. */
function hashOf(before: Buffer, { number, untilAt, untilId, ids, digests }: Omit<Checkpoint, 'hash'>): Buffer {
  const counts = Buffer.alloc(16);
  counts.writeBigInt64BE(number);
  counts.writeBigInt64BE(BigInt(ids.length / ID_BYTES), 8);
  return sha256(before, counts, sha256(untilAt), bytesOf(untilId), ids, digests);
}

/** Makes the checkpoint that follows another and closes over these transactions. */
export function checkpointOf(
  last: Pick<Checkpoint, 'number' | 'hash'> | undefined, transactions: readonly [ChainedTransaction, ...ChainedTransaction[]],
): Checkpoint {
  const end = transactions.at(-1)!;
  const row = {
    number: (last?.number ?? 0n) + 1n,
    untilAt: end.at,
    untilId: end.id,
    ids: Buffer.concat(transactions.map(({ id }) => bytesOf(id))),
    digests: Buffer.concat(transactions.map(({ content }) => sha256(content))),
  };
  return { ...row, hash: hashOf(last?.hash ?? NO_HASH, row) };
}

/** Says in words what is wrong with a checkpoint's own row, seen from the one before; nothing where it fits. */
export function brokenLink(last: Pick<Checkpoint, 'number' | 'hash'> | undefined, checkpoint: Checkpoint): string | undefined {
  const expected = (last?.number ?? 0n) + 1n;
  if (checkpoint.number !== expected) return `checkpoint ${expected} is gone: ${checkpoint.number} comes next`;
  if (hashOf(last?.hash ?? NO_HASH, checkpoint).equals(checkpoint.hash)) return undefined;
  return `checkpoint ${checkpoint.number} does not follow from its own row and the one before`;
}

/** Says in words which transaction of a range is the first that is not as it was when it was closed; nothing where all are. */
export function firstMisfit(checkpoint: Checkpoint, found: readonly ChainedTransaction[]): string | undefined {
  const { number, ids, digests } = checkpoint;
  const count = ids.length / ID_BYTES;
  const closed = Array.from({ length: count }, (_, n) => idOf(ids.subarray(n * ID_BYTES, (n + 1) * ID_BYTES)));
  const known = new Set(closed);
  const present = new Set(found.map(({ id }) => id));
  for (let n = 0; n < Math.max(count, found.length); n++) {
    const [was, is] = [closed[n], found[n]];
    const place = `checkpoint ${number}, place ${n + 1}`;
    if (is && !known.has(is.id)) return `${place}: transaction ${is.id} was put in afterwards`;
    if (was && !present.has(was)) return `${place}: transaction ${was} is gone`;
    if (is!.id !== was) return `${place}: transaction ${is!.id} stands where ${was} stood`;
    const digest = digests.subarray(n * DIGEST_BYTES, (n + 1) * DIGEST_BYTES);
    if (!sha256(is!.content).equals(digest)) return `${place}: transaction ${was}, its postings or entries were changed`;
  }
  return undefined;
}
