import { inTransaction } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { systemAccountId } from '../src/ledger/account.ids';
import { post } from '../src/ledger/ledger.service';
import { tieOut } from '../src/statements/statement.domain';
import { StatementService, type StatementWallet } from '../src/statements/statement.service';
import { type Bank, type Customer, openBank, USD, usd } from './support/bank';

const NOW = new Date('2026-11-15T12:00:00.000Z');
const OPENED = '2025-09-30T23:59:59.999Z';

interface Move {
  readonly at: string;
  readonly minor: bigint;
}

describe('statements', () => {
  let bank: Bank;
  let service: StatementService;

  beforeAll(async () => {
    bank = await openBank('statements');
    const { dataSource, sealer } = bank;
    service = new StatementService({ dataSource, sealer, now: () => NOW });
  });
  afterAll(async () => {
    await bank.close();
  });

  /** A wallet that was opened on a day of the past, with these moves in its books at their instants. */
  async function walletWith(moves: readonly Move[]): Promise<{ customer: Customer; wallet: StatementWallet }> {
    const customer = await bank.customer();
    const { walletId, personId } = customer;
    await bank.asOwner('UPDATE account SET "openedAt" = $2 WHERE id = $1', [walletId, OPENED]);
    const clearing = systemAccountId('CARD_CLEARING', USD);
    for (const { at, minor } of moves) {
      const [debit, credit] = minor > 0n ? [clearing, walletId] : [walletId, clearing];
      await inTransaction(bank.dataSource, (tx) => post(tx, {
        id: uuidv7(), kind: minor > 0n ? 'CASHBACK' : 'REWARD_REVERSAL', currency: USD, amount: minor > 0n ? minor : -minor, personId, walletId,
        recordedAt: at, legs: [{ debit, credit, amount: minor > 0n ? minor : -minor }],
      }));
    }
    return { customer, wallet: { id: walletId, currency: USD } };
  }

  /** 200 moves over the months, with the first and the last instant of each month among them. */
  function manyMoves(): Move[] {
    const months = Array.from({ length: 14 }, (_none, index) => new Date(Date.UTC(2025, 9 + index, 1)));
    const edges = months.flatMap((month) => [month.getTime(), month.getTime() - 1]).filter((ms) => ms < NOW.getTime());
    const first = Date.parse('2025-10-02T00:00:00Z');
    const others = Array.from({ length: 172 }, (_none, index) => first + index * 2.3e8 + (index % 7) * 1e6);
    const instants = [...edges, ...others].filter((ms) => ms >= Date.parse(OPENED) && ms < NOW.getTime()).sort((a, b) => a - b);
    // Nothing in March 2026: its statement is one without entries.
    const kept = instants.filter((ms) => new Date(ms).toISOString().slice(0, 7) !== '2026-03');
    return kept.map((ms, index) => ({ at: new Date(ms).toISOString(), minor: index % 3 === 2 ? -BigInt(index) * 7n : BigInt(index) * 31n + 500n }));
  }

  it('of every month tie out, and are what adding up by hand gives', async () => {
    const moves = manyMoves();
    const { wallet } = await walletWith(moves);
    const summaries = await service.page(wallet, { limit: 100 });
    expect(summaries.map(({ month }) => month.name)).toEqual([
      '2026-11', '2026-10', '2026-09', '2026-08', '2026-07', '2026-06', '2026-05', '2026-04', '2026-03', '2026-02', '2026-01', '2025-12', '2025-11', '2025-10', '2025-09',
    ]);
    for (const summary of summaries) {
      const sum = (of: readonly Move[]) => of.reduce((total, { minor }) => total + minor, 0n);
      const before = moves.filter(({ at }) => new Date(at) < summary.month.from);
      const within = moves.filter(({ at }) => new Date(at) >= summary.month.from && new Date(at) < summary.month.to);
      const expected = {
        opening: sum(before), closing: sum([...before, ...within]), credits: sum(within.filter(({ minor }) => minor > 0n)),
        debits: -sum(within.filter(({ minor }) => minor < 0n)), final: summary.month.name !== '2026-11',
      };
      expect(summary).toMatchObject(expected);
      const lines = await service.lines(summary, { limit: 1_000 });
      expect(tieOut(summary, lines)).toEqual([]);
      expect(lines.map(({ amount, bookedAt }) => ({ at: bookedAt.toISOString(), minor: amount }))).toEqual(within);
    }
    expect(summaries.find(({ month }) => month.name === '2026-03')).toMatchObject({ credits: 0n, debits: 0n, creditCount: 0, debitCount: 0 });
    expect(await service.ofMonth(wallet, '2026-05')).toEqual(summaries.find(({ month }) => month.name === '2026-05'));
  }, 60_000);

  it('are read in pages, months and entries', async () => {
    const { wallet } = await walletWith(Array.from({ length: 7 }, (_none, index) => ({ at: `2026-10-0${index + 1}T00:00:00Z`, minor: 100n })));
    const first = await service.page(wallet, { limit: 2 });
    expect(first.map(({ month }) => month.name)).toEqual(['2026-11', '2026-10', '2026-09']);
    expect((await service.page(wallet, { limit: 1, after: '2026-10' })).map(({ month }) => month.name)).toEqual(['2026-09', '2026-08']);
    const october = first[1]!;
    const lines = await service.lines(october, { limit: 3 });
    expect(lines.map(({ version }) => version)).toEqual([1n, 2n, 3n, 4n]);
    expect((await service.lines(october, { limit: 3, after: 5n })).map(({ version }) => version)).toEqual([6n, 7n]);
    expect(await service.lines(october, { limit: 3, after: 7n })).toEqual([]);
  });

  test.each(['2025-08', '2026-12', '2026-13', 'x', ''])('of %j there are none', async (month) => {
    const { wallet } = await walletWith([]);
    expect(await service.ofMonth(wallet, month)).toBeUndefined();
  });

  it('name the other side, and open what was written', async () => {
    const [ada, bob] = await Promise.all([bank.customer({ minor: 10_000n, name: 'Ada' }), bank.customer({ name: 'Bob' })]);
    const sent = await bank.services.transfers.send(ada!, { walletId: ada!.walletId, recipientEmail: bob!.email, amount: usd(2_500n), description: 'Dinner', idempotencyKey: uuidv7() });
    expect(sent.ok).toBe(true);
    const current = new StatementService({ dataSource: bank.dataSource, sealer: bank.sealer, now: () => new Date() });
    const month = new Date().toISOString().slice(0, 7);
    const lastLine = async (walletId: string) => {
      const summary = (await current.ofMonth({ id: walletId, currency: USD }, month))!;
      return (await current.lines(summary, { limit: 10 })).at(-1);
    };
    expect(await lastLine(ada!.walletId)).toMatchObject({ kind: 'TRANSFER', amount: -2_500n, fee: 0n, balanceAfter: 7_500n, counterparty: 'Bob', description: 'Dinner' });
    expect(await lastLine(bob!.walletId)).toMatchObject({ kind: 'TRANSFER', amount: 2_500n, balanceAfter: 2_500n, counterparty: 'Ada', description: 'Dinner' });
    const summary = (await current.ofMonth({ id: ada!.walletId, currency: USD }, month))!;
    const document = (await current.document(summary, 'CSV'))!;
    expect(document).toMatchObject({ fileName: `statement-${month}-USD.csv`, mediaType: 'text/csv; charset=utf-8' });
    expect(document.content).toMatch(/,TRANSFER,-25\.00,USD,0\.00,75\.00,,Bob,Dinner\r\n$/);
    expect((await current.document(summary, 'CAMT_053'))!.content).toContain('<Nm>Bob</Nm>');
  });

  it('contain the fee of a payment in its amount, and say how much it was', async () => {
    const ada = await bank.customer({ minor: 100_000n });
    const merchantId = await bank.merchant();
    await bank.services.payments.pay(ada, { walletId: ada.walletId, merchantId, amount: usd(10_000n), description: undefined, idempotencyKey: uuidv7() } as never);
    const current = new StatementService({ dataSource: bank.dataSource, sealer: bank.sealer, now: () => new Date() });
    const summary = (await current.ofMonth({ id: ada.walletId, currency: USD }, new Date().toISOString().slice(0, 7)))!;
    expect((await current.lines(summary, { limit: 10 })).at(-1)).toMatchObject({ kind: 'PAYMENT', amount: -10_100n, fee: 100n, merchantId, balanceAfter: 89_900n });
  });

  it('that do not tie out are never shown', async () => {
    const { wallet } = await walletWith([{ at: '2026-10-01T00:00:00Z', minor: 100n }, { at: '2026-10-02T00:00:00Z', minor: 50n }]);
    await bank.asOwner('ALTER TABLE entry DISABLE TRIGGER entry_append_only');
    await bank.asOwner('UPDATE entry SET "postedAfter" = 151 WHERE "accountId" = $1 AND "accountVersion" = 2', [wallet.id]);
    await bank.asOwner('ALTER TABLE entry ENABLE TRIGGER entry_append_only');
    const summary = (await service.ofMonth(wallet, '2026-10'))!;
    await expect(service.document(summary, 'CSV')).rejects.toThrow(/does not tie out/);
  });

  it('find their place by a few probes of the key, however long the wallet is there', async () => {
    const { wallet } = await walletWith([{ at: '2026-10-01T00:00:00Z', minor: 100n }]);
    await bank.asOwner(
      `INSERT INTO entry ("accountId", "accountVersion", "txId", amount, "postedAfter", "availableAfter", "recordedAt")
       SELECT $1, n + 1, gen_random_uuid(), 1, 100 + n, 100 + n, '2026-10-01'::timestamptz + n * interval '1 second' FROM generate_series(1, 100000) n`,
      [wallet.id],
    );
    await bank.asOwner('UPDATE account SET version = 100001 WHERE id = $1', [wallet.id]);
    const [found] = await bank.dataSource.query(
      `SELECT entry_version_before($1, '2026-10-01T10:00:00Z') AS place, entry_version_before($1, '2000-01-01') AS first, entry_version_before($1, 'infinity') AS last`, [wallet.id],
    );
    expect(found).toEqual({ place: 36_000n, first: 0n, last: 100_001n });
    await bank.asOwner('SELECT pg_stat_force_next_flush()');
    const blocks = async () => {
      const [row] = await bank.asOwner(`SELECT idx_blks_hit + idx_blks_read AS blocks FROM pg_statio_user_tables WHERE relname = 'entry'`);
      return Number(row!['blocks']);
    };
    const before = await blocks();
    await bank.asOwner(`SELECT entry_version_before($1, '2026-10-01T10:00:00Z'), pg_stat_force_next_flush()`, [wallet.id]);
    // Seventeen halvings, each a walk of three or four pages down the index.
    expect((await blocks()) - before).toBeLessThan(100);
  });
});
