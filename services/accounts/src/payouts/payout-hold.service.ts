import type { CurrencyCode } from '@tael/money';
import type { DataSource } from 'typeorm';
import { uuidOf } from '../ids.domain';
import { merchantAccountId } from '../ledger/account.ids';
import { readBalances } from '../ledger/ledger.service';
import { type MerchantStanding, type PayoutAccountStatus, type PayoutHold, payoutHold } from './payout.domain';

interface Standing extends MerchantStanding {
  readonly merchantId: string;
  readonly accountStatus: PayoutAccountStatus | null;
  readonly usableFrom: Date | null;
}

interface Debt {
  readonly merchantId: string;
  readonly currency: CurrencyCode;
  readonly owed: bigint;
}

/** Says why merchants are paid nothing, by the rule that pays them. */
export class PayoutHoldService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date }) {}

  /** Gives what holds the payouts of each of some merchants. Whoever shows it has asked who looks. */
  async of(merchantIds: readonly string[]): Promise<ReadonlyMap<string, PayoutHold>> {
    const { dataSource, now } = this.parts;
    const ids = merchantIds.map(uuidOf).filter((id) => id !== undefined);
    const rows: Standing[] = await dataSource.query(
      `/* payoutHolds.standing */ SELECT m."merchantId", m.verified, m.status, p.status AS "accountStatus", p."usableFrom"
       FROM merchant_copy m LEFT JOIN payout_account p ON p."merchantId" = m."merchantId" AND p.status <> 'REPLACED'
       WHERE m."merchantId" = ANY ($1::uuid[])`,
      [ids],
    );
    const debts: Debt[] = await dataSource.query(
      '/* payoutHolds.debts */ SELECT "merchantId", currency, owed FROM settlement_cursor WHERE "merchantId" = ANY ($1::uuid[]) AND owed > 0', [ids],
    );
    const payableId = ({ merchantId, currency }: Debt): string => merchantAccountId('MERCHANT_PAYABLE', merchantId, currency);
    const balances = await readBalances(dataSource.manager, debts.map(payableId));
    const at = now();
    return new Map(rows.flatMap(({ merchantId, verified, status, accountStatus, usableFrom }): [string, PayoutHold][] => {
      const merchant = { verified, status };
      const account = accountStatus === null ? undefined : { status: accountStatus, usableFrom: usableFrom! };
      // A merchant may owe in one currency alone: that holds no payout of another, but it is what its owner asks about.
      const standings = [{ payable: 0n, owed: 0n }, ...debts.filter((debt) => debt.merchantId === merchantId)
        .map((debt) => ({ payable: balances.get(payableId(debt))?.posted ?? 0n, owed: debt.owed }))];
      const hold = standings.map((standing) => payoutHold({ merchant, account, now: at, ...standing })).find((found) => found !== undefined);
      return hold ? [[merchantId, hold]] : [];
    }));
  }
}
