import type { DataSource } from 'typeorm';

/** What is read of debts. */
export class DebtViewService {
  constructor(private readonly parts: { readonly dataSource: DataSource }) {}

  /** Gives what is owed of top-ups of wallets; those of which nothing is are left out. */
  async owedOf(walletIds: readonly string[]): Promise<Map<string, bigint>> {
    const rows: { walletId: string; owed: bigint }[] = await this.parts.dataSource.query(
      `/* debts.ofWallets */ SELECT o."walletId", sum(o.owed - o.collected - o."writtenOff")::bigint AS owed
       FROM wallet w JOIN bank_order o ON o."personId" = w."personId" AND o."walletId" = w.id AND o.owed > o.collected + o."writtenOff"
       WHERE w.id = ANY ($1::uuid[]) GROUP BY o."walletId"`,
      [walletIds],
    );
    return new Map(rows.map(({ walletId, owed }) => [walletId, owed]));
  }
}
