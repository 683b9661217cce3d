import type { Tx } from '@tael/platform/postgres';
import { isEnough, type LinkKind, type SameMethod } from './person-link.domain';

/** What is in clear of a card or an account. */
export interface Ending {
  readonly personId: string;
  readonly kind: LinkKind;
  readonly last4: string;
  readonly brand?: string;
}

export interface FingerprintRow {
  readonly id: string;
  readonly fingerprint: Buffer;
  readonly fingerprintKey: string | null;
}

/** So many are tried before others get their turn of the processor: some milliseconds. */
const PAGE = 250;

/**
 * Lets whoever adds, or proves, a number with this ending wait for each other: the later of two sees the earlier. Taken
 * after the person's own lock.
 */
export async function lockEnding(tx: Tx, { kind, last4 }: Pick<Ending, 'kind' | 'last4'>): Promise<void> {
  await tx.query('/* links.lockEnding */ SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`tael/accounts/ending/${kind}/${last4}`]);
}

/**
 * Gives who else has this very card or account, those who had it first alone. Of one number no two fingerprints are alike
 * (ADR 19), so all numbers with the same ending are tried: of ten million cards a thousand, some 25 ms in all.
 */
export async function sameMethods(tx: Tx, ending: Ending, isSame: (row: FingerprintRow) => boolean): Promise<SameMethod[]> {
  const { personId, kind, last4, brand = null } = ending;
  const found: SameMethod[] = [];
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows: (SameMethod & FingerprintRow)[] = await tx.query(
      `/* links.endings */ SELECT id, "personId", status, fingerprint, "fingerprintKey" FROM payment_method
       WHERE last4 = $1 AND kind = $2 AND id > $3 AND "personId" <> $4 AND status <> 'REJECTED' AND ($5::text IS NULL OR brand = $5)
       ORDER BY id LIMIT $6`,
      [last4, kind, after, personId, brand, PAGE],
    );
    for (const row of rows) {
      if (isSame(row)) found.push(row);
      if (isEnough(found, kind)) return found;
    }
    if (rows.length < PAGE) return found;
    after = rows.at(-1)!.id;
  }
}

/** Says whether somebody else's row is the same; one that cannot be opened refuses nobody a card of their own, and links nobody. */
export function opens(isSame: () => boolean): boolean {
  try {
    return isSame();
  } catch {
    return false;
  }
}
