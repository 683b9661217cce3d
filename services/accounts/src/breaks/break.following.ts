import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import { audit } from '../audit/audit.service';
import { readOwnOf, readShown } from '../reconciliations/own-lines.reader';
import { compare } from '../reconciliations/reconciliation.domain';
import type { Break } from './break.domain';
import { type BreakFact, factsOf, followed } from './break-fact.domain';

type Followed = Pick<Break, 'id' | 'class' | 'reason' | 'difference' | 'status'> & { readonly about: string };

/** Why a break was changed by the service itself, for the trail. */
export interface Seen {
  readonly at: Date;
  /** `Shown by the bank's file …`: what made us look. */
  readonly reason: string;
}

/** Lets open breaks of a currency follow what bank and books say of them by now: what is explained is closed, what is another is kept as it is now. */
export async function followBreaks(tx: Tx, currency: string, facts: readonly BreakFact[], seen: Seen): Promise<void> {
  if (facts.length === 0) return;
  const byAbout = new Map(facts.map((fact) => [fact.about, fact]));
  const open: Followed[] = await tx.query(
    `/* breaks.toFollow */ SELECT id, about, class, reason, difference, status FROM reconciliation_break
     WHERE about = ANY ($1) AND currency = $2 AND status IN ('OPEN', 'INVESTIGATING') ORDER BY id FOR NO KEY UPDATE`,
    [[...byAbout.keys()], currency],
  );
  for (const found of open) await follow(tx, found, byAbout.get(found.about)!, seen);
}

async function follow(tx: Tx, found: Followed, fact: BreakFact, { at, reason: why }: Seen): Promise<void> {
  const { id, status } = found;
  const decided = followed(found, fact);
  if (decided === 'SAME') return;
  if (fact.explainedBy !== null) {
    await tx.query(
      `/* breaks.explain */ UPDATE reconciliation_break SET status = 'RESOLVED', "closedAt" = $2, "explainedBy" = $3 WHERE id = $1`,
      [id, at, fact.explainedBy],
    );
    await audit(tx, { kind: 'BREAK', id }, {
      actorId: null, action: 'EXPLAINED', reason: why, at, before: { status }, after: { status: 'RESOLVED', explainedBy: fact.explainedBy },
    });
    return;
  }
  const { class: now, reason, difference } = fact;
  await tx.query('/* breaks.follow */ UPDATE reconciliation_break SET class = $2, reason = $3, difference = $4 WHERE id = $1', [id, now, reason, String(difference)]);
  await audit(tx, { kind: 'BREAK', id }, {
    actorId: null, action: 'FOLLOWED', reason: why, at,
    before: { class: found.class, reason: found.reason, difference: String(found.difference) }, after: { class: now, reason, difference: String(difference) },
  });
}

/** Reads what bank and books say of one break by now; undefined where they say nothing, such as of a booking whose order is under way. */
export async function readFact(tx: Tx, { id, currency, reference, kind }: Pick<Break, 'id' | 'currency' | 'reference' | 'kind'>, at: Date): Promise<BreakFact | undefined> {
  const [{ about, bookingId }]: [{ about: string; bookingId: string | null }] = await tx.query(
    '/* breaks.about */ SELECT about, "bookingId" FROM reconciliation_break WHERE id = $1', [id],
  );
  const own = (await readOwnOf(tx, currency as CurrencyCode, [reference], at)).filter((line) => line.kind === kind);
  // Under a name that is none of ours there may be very many: what they are says nothing of each other.
  const only = own.length === 0 && bookingId !== null ? bookingId : undefined;
  const shown = await readShown(tx, currency as CurrencyCode, [{ reference, kind }], { only });
  return factsOf(compare([], own, shown)).find((fact) => fact.about === about);
}
