import type { Tx } from '@tael/platform/postgres';
import { refuse, type Refused } from '../outcomes/outcome.domain';
import { isOwner, type Looker, maySeeSettlements, type MerchantPeople } from '../settlements/settlement.domain';
import { FORMER_OWNER_MS } from './payout.domain';

const PEOPLE = 'SELECT "merchantId", people, cashiers, owners FROM merchant_copy';

/** Gives who acts for a merchant; undefined where there is none. */
export async function merchantPeople(
  manager: Pick<Tx, 'query'>, merchantId: string, lock: '' | 'FOR NO KEY UPDATE' = '',
): Promise<MerchantPeople | undefined> {
  const [row]: MerchantPeople[] = await manager.query(
    lock === '' ? `/* payoutOwners.people */ ${PEOPLE} WHERE "merchantId" = $1`
      : `/* payoutOwners.lockPeople */ ${PEOPLE} WHERE "merchantId" = $1 FOR NO KEY UPDATE`,
    [merchantId],
  );
  return row;
}

/** For whoever has no part in a merchant it does not exist; whoever has one but is no owner hears so. */
export function ownerDenial(people: MerchantPeople | undefined, caller: Looker): Refused | undefined {
  if (isOwner(people, caller)) return undefined;
  const known = maySeeSettlements(people, caller) || people?.people.includes(caller.personId);
  return refuse(known ? 'NOT_ALLOWED' : 'NOT_FOUND', ['input', 'merchantId']);
}

/** Holds a merchant's cursors, as whoever pays it does, and then the merchant; says what it refuses a caller who is no owner of it any more. */
export async function lockAsOwner(tx: Tx, merchantId: string, caller: Looker): Promise<Refused | undefined> {
  await lockCursors(tx, merchantId);
  return ownerDenial(await merchantPeople(tx, merchantId, 'FOR NO KEY UPDATE'), caller);
}

/** Somebody who hears where a merchant is paid to: an owner, or until lately one. */
export interface ToldOfAccount {
  readonly personId: string;
  readonly formerOwner: boolean;
}

/** Gives who hears where a merchant is paid to: its owners, and who has been one within the last days. */
export async function toldOfAccount(manager: Pick<Tx, 'query'>, merchantId: string, now: Date): Promise<ToldOfAccount[]> {
  return manager.query(
    `/* payoutOwners.told */ SELECT o.id AS "personId", false AS "formerOwner" FROM merchant_copy m CROSS JOIN LATERAL unnest(m.owners) AS o (id) WHERE m."merchantId" = $1
     UNION ALL SELECT f."personId", true FROM merchant_former_owner f JOIN merchant_copy m USING ("merchantId")
     WHERE f."merchantId" = $1 AND f.until > $2 AND f."personId" <> ALL (coalesce(m.owners, '{}'))`,
    [merchantId, new Date(now.getTime() - FORMER_OWNER_MS)],
  );
}

/** Gives when the owners of a merchant changed last; null where that is not known of. */
export async function ownersChangedAt(manager: Pick<Tx, 'query'>, merchantId: string): Promise<Date | null> {
  const [row]: { at: Date | null }[] = await manager.query('/* payoutOwners.changed */ SELECT "ownersChangedAt" AS at FROM merchant_copy WHERE "merchantId" = $1', [merchantId]);
  return row?.at ?? null;
}

/** Holds the merchant's cursors first, as whoever pays it does. */
export async function lockCursors(tx: Tx, merchantId: string): Promise<void> {
  await tx.query('/* payoutOwners.cursors */ SELECT 1 FROM settlement_cursor WHERE "merchantId" = $1 ORDER BY "inflowId" FOR NO KEY UPDATE', [merchantId]);
}
