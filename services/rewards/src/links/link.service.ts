import type { Tx } from '@tael/platform/postgres';
import { lockSpending } from '../campaigns/campaign.locks';
import { type Link, type LinkKind, linkedSince, pairOf } from './link.domain';

const NEIGHBOURS = (person: string): string =>
  `SELECT "highId" AS id, at FROM person_link WHERE "lowId" = ${person} UNION ALL SELECT "lowId", at FROM person_link WHERE "highId" = ${person}`;

/** Keeps who shares a card or a bank account with whom. */
export class LinkService {
  /** Notes a link; false where it is known. It takes the turn: then the later of a link and a sign-up sees the earlier. */
  async note(tx: Tx, { one, other, by, at }: { one: string; other: string; by: LinkKind; at: Date }): Promise<boolean> {
    await lockSpending(tx);
    const { lowId, highId } = pairOf(one, other);
    const rows: unknown[] = await tx.query(
      `/* links.note */ INSERT INTO person_link ("lowId", "highId", by, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING by`,
      [lowId, highId, by, at],
    );
    return rows.length > 0;
  }

  /** Gives since when two people are linked; null where they are not. Read are only links that lie on a way between them. */
  async since(tx: Tx, one: string, other: string): Promise<Date | null> {
    const links: Link[] = await tx.query(
      `/* links.between */ WITH one AS (${NEIGHBOURS('$1::uuid')}), other AS (${NEIGHBOURS('$2::uuid')})
       SELECT $1::uuid AS "lowId", id AS "highId", at FROM one WHERE id = $2 OR id IN (SELECT id FROM other)
       UNION ALL SELECT $2::uuid, id, at FROM other WHERE id IN (SELECT id FROM one)`,
      [one, other],
    );
    return linkedSince(links, one, other);
  }
}
