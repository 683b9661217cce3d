import type { Money } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { type Bank, BankUnavailable } from '../bank/bank.port';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { CONFIRMATIONS_MAX } from './bank-account.domain';

/** An account whose deposits somebody names, with the tries that were taken, this one included. */
export interface Confirming {
  readonly id: string;
  readonly token: string;
  readonly confirmations: number;
}

const STATEMENTS = {
  payment_method: {
    untry: '/* bankAccounts.untry */ UPDATE payment_method SET confirmations = confirmations - 1 WHERE id = $1 AND confirmations > 0',
    reject: `/* bankAccounts.reject */ UPDATE payment_method SET status = 'REJECTED' WHERE id = $1 AND status = 'PENDING_VERIFICATION'`,
  },
  payout_account: {
    untry: '/* payoutAccounts.untry */ UPDATE payout_account SET confirmations = confirmations - 1 WHERE id = $1 AND confirmations > 0',
    reject: `/* payoutAccounts.reject */ UPDATE payout_account SET status = 'REJECTED' WHERE id = $1 AND status = 'PENDING_VERIFICATION'`,
  },
} as const;

/** Asks the bank whether two small deposits were what somebody says, for people's accounts and for merchants'. */
export class DepositCheck {
  constructor(
    private readonly parts: { dataSource: DataSource; sealer: Sealer; bank: Bank },
    private readonly table: keyof typeof STATEMENTS,
  ) {}

  /** Looks at a try that was taken. Where the bank does not answer it does not count; the last wrong one closes the account for good. */
  async look(open: Confirming, deposits: readonly [Money, Money]): Promise<Outcome<object>> {
    if (await this.ask(open, deposits)) return { ok: true };
    if (open.confirmations >= CONFIRMATIONS_MAX) await this.parts.dataSource.query(STATEMENTS[this.table].reject, [open.id]);
    return refuse('WRONG_CODE', ['input', 'amounts'], 'DEPOSITS');
  }

  private async ask({ id, token }: Confirming, deposits: readonly [Money, Money]): Promise<boolean> {
    const { bank, dataSource, sealer } = this.parts;
    try {
      return await bank.confirmMandate(sealer.open(token, id), deposits.map(({ minor }) => minor), deposits[0].currency);
    } catch (error) {
      if (error instanceof BankUnavailable) await dataSource.query(STATEMENTS[this.table].untry, [id]);
      throw error;
    }
  }
}
