import type { Tx } from '@tael/platform/postgres';
import { emit } from '../events/emission';
import { LINKS_MAX, type LinkKind, pairsOf, type SameMethod } from './person-link.domain';

interface Origin {
  readonly personId: string;
  readonly traceparent: string;
}

/** Links a person to others, each pair once a kind, and tells of those that are new. */
export async function linkPeople(tx: Tx, origin: Origin, others: readonly string[], { by, at }: { by: LinkKind; at: Date }): Promise<void> {
  const pairs = pairsOf(origin.personId, others);
  if (pairs.length === 0) return;
  const linked: { lowId: string; highId: string }[] = await tx.query(
    `/* links.add */ INSERT INTO person_link ("lowId", "highId", by, at)
     SELECT p.*, $3, $4 FROM unnest($1::uuid[], $2::uuid[]) AS p ON CONFLICT DO NOTHING RETURNING "lowId", "highId"`,
    [pairs.map(({ lowId }) => lowId), pairs.map(({ highId }) => highId), by, at],
  );
  await emit(tx, origin, linked.map(({ lowId, highId }) => (
    { type: 'people.linked' as const, data: { personId: lowId, otherId: highId, by, occurredAt: at } })));
}

/** Notes which bank accounts are the same as a new one. */
export async function noteSameAccounts(tx: Tx, paymentMethodId: string, same: readonly SameMethod[]): Promise<void> {
  if (same.length === 0) return;
  await tx.query(
    `/* links.sameAccounts */ INSERT INTO same_bank_account ("paymentMethodId", "otherId") SELECT $1, id FROM unnest($2::uuid[]) AS other (id)`,
    [paymentMethodId, same.map(({ id }) => id)],
  );
}

/** Links the owner of a bank account, who has proved that it is theirs, to those who have proved the same before. */
export async function linkOwnersOf(tx: Tx, origin: Origin, paymentMethodId: string, at: Date): Promise<void> {
  const others: { personId: string }[] = await tx.query(
    `/* links.owners */ SELECT m."personId" FROM (
       SELECT "otherId" AS id FROM same_bank_account WHERE "paymentMethodId" = $1
       UNION SELECT "paymentMethodId" FROM same_bank_account WHERE "otherId" = $1
     ) AS same JOIN payment_method m ON m.id = same.id AND m.status = 'ACTIVE' ORDER BY m.id LIMIT $2`,
    [paymentMethodId, LINKS_MAX],
  );
  await linkPeople(tx, origin, others.map(({ personId }) => personId), { by: 'BANK_ACCOUNT', at });
}
