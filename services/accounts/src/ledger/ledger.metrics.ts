import { gauge } from '@tael/platform/metrics';
import type { DataSource } from 'typeorm';

const EVERY_MS = 60_000;

/** Gives the sum of all accounts of each currency, what is not folded yet included: it must be zero, always. */
export async function ledgerDrift(dataSource: DataSource): Promise<{ currency: string; minor: bigint }[]> {
  const rows: { currency: string; minor: string }[] = await dataSource.query(
    `/* ledger.drift */ SELECT asset AS currency, sum(balance)::text AS minor FROM (
       SELECT asset, "creditsPosted" - "debitsPosted" AS balance FROM account
       UNION ALL
       SELECT a.asset, d.credits - d.debits FROM pending_delta d JOIN account a ON a.id = d."accountId"
     ) b GROUP BY asset`,
  );
  return rows.map(({ currency, minor }) => ({ currency, minor: BigInt(minor) }));
}

/** Shows the drift of the books, looked at when somebody asks, but at most once a minute: it reads every account. */
export function measureDrift(dataSource: DataSource): void {
  let lookedAt = -Infinity;
  gauge({
    name: 'tael_ledger_drift',
    help: 'Whether the accounts of a currency sum up to anything but zero: 1 is an alarm. npm run ledger:verify says where.',
    labels: ['currency'],
    collect: async (level) => {
      if (performance.now() - lookedAt < EVERY_MS) return;
      lookedAt = performance.now();
      for (const { currency, minor } of await ledgerDrift(dataSource)) level.set({ currency }, minor === 0n ? 0 : 1);
    },
  });
}
