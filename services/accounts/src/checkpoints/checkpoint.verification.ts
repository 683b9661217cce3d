import type { EntityManager } from 'typeorm';
import {
  BEGINNING, brokenLink, type ChainedTransaction, type Checkpoint, firstMisfit, type Place,
} from './checkpoint.chain';
import { CHECKPOINTS_AFTER, RANGE_OF_TRANSACTIONS } from './checkpoint.sql';

/** A checkpoint as somebody noted it outside of the database. */
export interface NotedCheckpoint {
  readonly number: bigint;
  readonly hash: string;
}

export interface ChainReport {
  /** What does not fit, in order: the first transaction of each range that is not as it was. */
  readonly misfits: readonly string[];
  /** The end of the chain, to be noted somewhere else; undefined where there is none yet. */
  readonly last: NotedCheckpoint | undefined;
}

const PAGE = 50;

/**
 * Walks the chain from its beginning: each checkpoint against the one before, each transaction against its digest. A chain that
 * was written anew from some place on fits in itself; only a hash that was noted elsewhere tells it.
 */
export async function verifyChain(tx: EntityManager, noted?: NotedCheckpoint): Promise<ChainReport> {
  const [{ there }] = await tx.query(`/* checkpoints.there */ SELECT to_regclass('ledger_checkpoint') IS NOT NULL AS there`);
  if (!there) return { misfits: [], last: undefined };
  const misfits: string[] = [];
  let last: Checkpoint | undefined;
  let from: Place = BEGINNING;
  for (;;) {
    const page: Checkpoint[] = await tx.query(CHECKPOINTS_AFTER, [String(last?.number ?? 0n), PAGE]);
    for (const checkpoint of page) {
      const broken = brokenLink(last, checkpoint) ?? firstMisfit(checkpoint, await rangeOf(tx, from, checkpoint));
      if (broken) misfits.push(broken);
      if (noted?.number === checkpoint.number && noted.hash !== checkpoint.hash.toString('hex')) {
        misfits.push(`checkpoint ${checkpoint.number} was noted with the hash ${noted.hash}: the chain was written anew`);
      }
      last = checkpoint;
      from = { at: checkpoint.untilAt, id: checkpoint.untilId };
    }
    if (page.length < PAGE) break;
  }
  if (noted && noted.number > (last?.number ?? 0n)) misfits.push(`checkpoint ${noted.number} was noted, and is gone`);
  return { misfits, last: last && { number: last.number, hash: last.hash.toString('hex') } };
}

async function rangeOf(tx: EntityManager, from: Place, { untilAt, untilId, ids }: Checkpoint): Promise<ChainedTransaction[]> {
  // One more than there were is enough to see that something was put in.
  return tx.query(RANGE_OF_TRANSACTIONS, [from.at, from.id, untilAt, untilId, ids.length / 16 + 1]);
}
