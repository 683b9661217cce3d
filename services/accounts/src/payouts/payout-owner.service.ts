import type { Tx } from '@tael/platform/postgres';
import { refuse, type Refused } from '../outcomes/outcome.domain';
import { isOwner, type Looker, maySeeSettlements, type MerchantPeople } from '../settlements/settlement.domain';

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

/** Holds the merchant's cursors first, as whoever pays it does. */
export async function lockCursors(tx: Tx, merchantId: string): Promise<void> {
  await tx.query('/* payoutOwners.cursors */ SELECT 1 FROM settlement_cursor WHERE "merchantId" = $1 ORDER BY "inflowId" FOR NO KEY UPDATE', [merchantId]);
}
