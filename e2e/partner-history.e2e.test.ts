import { eventually } from '@tael/testkit';
import { decodeJwt } from 'jose';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { newBank } from './banks';
import { must, operator } from './world';

const FILE = join(__dirname, '..', 'services', 'accounts', 'test', 'data', 'bank-history.csv.gz');
/** Below what one request to the door may carry. */
const CHUNK_LENGTH_MAX = 190_000;
const AT_ONCE = 4;
/** No account has more months, and no month more bookings. */
const MONTHS = 15;
const ENTRIES = 16;

const ACCOUNT = `query ($number: String!) { partnerAccount(number: $number, currency: "CZK") { balance { amount }
  statements(first: ${MONTHS}) { edges { node { month openingBalance { amount } closingBalance { amount } credits { amount } debits { amount } entryCount
    entries(first: ${ENTRIES}) { edges { node { bookedOn bankReference amount { amount } balanceAfter { amount } } } } } } } } }`;

interface Row {
  readonly bookedOn: string;
  readonly amount: bigint;
  readonly balanceAfter: bigint;
  readonly bankReference: string;
}

const minor = (text: string): bigint => BigInt(text.replace('.', ''));

function rowsByAccount(lines: readonly string[]): Map<string, Row[]> {
  const rows = new Map<string, Row[]>();
  for (const line of lines) {
    const [bookedOn, account, kind, , , amount, balanceAfter, , , bankReference] = line.split(',') as [string, string, string, string, string, string, string, string, string, string];
    const row = { bookedOn, amount: kind === 'debit' ? -minor(amount) : minor(amount), balanceAfter: minor(balanceAfter), bankReference };
    rows.set(account, [...(rows.get(account) ?? []), row]);
  }
  return rows;
}

function chunksOf(header: string, lines: readonly string[]): string[] {
  const chunks = [`${header}\n`];
  for (const line of lines) {
    if (chunks.at(-1)!.length + line.length >= CHUNK_LENGTH_MAX) chunks.push('');
    chunks.push(`${chunks.pop()!}${line}\n`);
  }
  return chunks;
}

/** Compares an account as the door shows it with the bank's own rows. Gives how many statements and bookings it has. */
function compare(shown: any, rows: readonly Row[]): { statements: number; entries: number } {
  const months = shown.statements.edges.map((edge: any) => edge.node).reverse();
  const entries = months.flatMap((month: any) => month.entries.edges.map((edge: any) => edge.node));
  expect(entries.map((entry: any) => [entry.bookedOn, entry.bankReference, minor(entry.amount.amount), minor(entry.balanceAfter.amount)]))
    .toEqual(rows.map(({ bookedOn, bankReference, amount, balanceAfter }) => [bookedOn, bankReference, amount, balanceAfter]));
  // One a month from the first booking on, also where nothing was booked in between.
  const [first, last] = [rows[0]!, rows.at(-1)!].map(({ bookedOn }) => Number(bookedOn.slice(0, 4)) * 12 + Number(bookedOn.slice(5, 7))) as [number, number];
  expect(months).toHaveLength(last - first + 1);
  let balance = 0n;
  for (const { openingBalance, closingBalance, credits, debits, entryCount, entries: own } of months) {
    expect(minor(openingBalance.amount)).toBe(balance);
    const amounts: bigint[] = own.edges.map(({ node }: any) => minor(node.amount.amount));
    expect([entryCount, minor(credits.amount), minor(debits.amount)]).toEqual([
      amounts.length, amounts.filter((amount) => amount > 0n).reduce((sum, amount) => sum + amount, 0n),
      amounts.filter((amount) => amount < 0n).reduce((sum, amount) => sum - amount, 0n),
    ]);
    balance += amounts.reduce((sum, amount) => sum + amount, 0n);
    expect(minor(closingBalance.amount)).toBe(balance);
  }
  expect(minor(shown.balance.amount)).toBe(balance);
  return { statements: months.length, entries: entries.length };
}

// Goal: a bank moves to Tael with all that it has. Method: the 14,462 bookings of a real one by its own door, and every statement of its 359
// accounts read there again, against the balances that the bank itself had written beside each booking.
it('brings 14,462 bookings of 359 accounts through its door, and every balance and statement is the same there; no other bank sees them', async () => {
  const [bank, other, staff] = await Promise.all([newBank('Importbank'), newBank('Otherbank'), operator()]);
  await must(staff.client, 'mutation ($input: SetPartnerRateInput!) { setPartnerRate(input: $input) { userErrors { code message } } }',
    { input: { partnerId: bank.partnerId, perSecond: 10_000, burst: 1_000_000, reason: 'A move' } });
  // The rate stands in the token, and who gives tokens hears of it by an event.
  await eventually(async () => {
    bank.tael.forgetToken();
    expect(decodeJwt(await bank.tael.token())['rate']).toMatchObject({ perSecond: 10_000 });
  }, { describe: 'the rate is known', timeoutMs: 15_000 });
  const [header, ...lines] = gunzipSync(readFileSync(FILE)).toString('utf8').trimEnd().split(/\r?\n/) as [string, ...string[]];
  const one = async (name: string, type: string, input: object) => {
    const { data } = await bank.tael.query(`mutation ($input: ${type}!) { ${name}(input: $input) { historyImport { id status lineCount } userErrors { code message } } }`, { input });
    expect(data[name].userErrors).toEqual([]);
    return data[name].historyImport;
  };
  const { id } = await one('openHistoryImport', 'OpenHistoryImportInput', { reference: 'first', currency: 'CZK' });
  for (const [number, csv] of chunksOf(header, lines).entries()) await one('addHistoryChunk', 'AddHistoryChunkInput', { importId: id, number, csv });
  await one('checkHistoryImport', 'HistoryImportInput', { importId: id });
  const IMPORT = 'query ($id: ID!) { historyImport(id: $id) { status lineCount } }';
  const status = async () => (await bank.tael.query(IMPORT, { id })).data.historyImport;
  await eventually(async () => expect(await status()).toEqual({ status: 'CHECKED', lineCount: 14_462 }), { describe: 'the dry run ends', timeoutMs: 60_000 });
  await one('applyHistoryImport', 'ApplyHistoryImportInput', { importId: id, allowOverdraft: true });
  await eventually(async () => expect((await status()).status).toBe('DONE'), { describe: 'the history is booked', timeoutMs: 120_000 });

  const rows = rowsByAccount(lines);
  const waiting = [...rows];
  const seen = { accounts: 0, statements: 0, entries: 0 };
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { data } = await bank.tael.query(ACCOUNT, { number: next[0] });
      const { statements, entries } = compare(data.partnerAccount, next[1]);
      Object.assign(seen, { accounts: seen.accounts + 1, statements: seen.statements + statements, entries: seen.entries + entries });
    }
  }));
  expect(seen).toEqual({ accounts: 359, statements: 3_249, entries: 14_462 });
  const [number] = rows.keys();
  expect((await other.tael.query(ACCOUNT, { number })).data.partnerAccount).toBeNull();
  expect((await other.tael.query(IMPORT, { id })).data.historyImport).toBeNull();
}, 300_000);
