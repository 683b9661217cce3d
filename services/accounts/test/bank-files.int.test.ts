import { randomUUID } from 'node:crypto';
import { BankFileWorkService } from '../src/bank-files/bank-file-work.service';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { bankOf } from './support/bank-world';
import { operatorsOf } from './support/operators';
import { day, decimal, type Payload } from './support/reconciliation-world';

const FILE = `id reference status format nextChunk lineCount comparedLines openingBalance { amount } closingBalance { amount }
  reconciliation { id digest totals { class count bankAmount { amount } } }`;
const HEADER = 'booking_id,reference,kind,amount,booked_on\n';

let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
let ada: NewPerson;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_bank_files');
  bank = bankOf(world);
  ada = await operatorsOf(world).operator();
});
afterEach(async () => expect(await bank.breaches()).toEqual([]));
afterAll(() => world.end());

async function call(name: string, input: object, by = ada): Promise<Payload> {
  const type = name === 'openBankFile' || name === 'addBankFileChunk' ? `${name[0]!.toUpperCase()}${name.slice(1)}Input!` : 'BankFileInput!';
  const { data, errors } = await world.ask(`mutation ($input: ${type}) { ${name}(input: $input) { bankFile { ${FILE} } userErrors { code message field } } }`, { input }, by.as);
  if (errors) throw new Error(JSON.stringify(errors));
  return data[name];
}
const open = (change: object = {}, by = ada): Promise<Payload> => call('openBankFile', {
  reference: randomUUID(), currency: 'USD', from: day(), to: day(), openingBalance: '0.00', closingBalance: '0.00', reason: 'The daily file', ...change,
}, by);
const add = (fileId: string, number: number, text: string): Promise<Payload> => call('addBankFileChunk', { fileId, number, text });
const compare = (fileId: string): Promise<Payload> => call('compareBankFile', { fileId });
const refusal = (done: Payload): unknown[] => done.userErrors.map(({ code, field }: Payload) => [code, field]);
const messageOf = (done: Payload): string => done.userErrors[0].message;
async function read(id: string): Promise<Payload> {
  const { data } = await world.ask(`query ($id: ID!) { bankFile(id: $id) { ${FILE} } }`, { id }, ada.as);
  return data.bankFile;
}
/** Works everything off, in parts of so many lines. */
async function workOff(part = 3, now = world.now): Promise<void> {
  const worker = new BankFileWorkService({ dataSource: world.dataSource, now }, part);
  while ((await worker.work()) > 0);
}
const staged = async (): Promise<number> => Number((await world.rows('SELECT (SELECT count(*) FROM bank_file_line) + (SELECT count(*) FROM bank_file_own) AS rows'))[0]!['rows']);

interface Row { id: string; reference: string; amount: bigint }
const row = ({ id, reference, amount }: Row): string => `${id},${reference},BOOKED,${decimal(amount)},${day()}\n`;
const strangers = (count: number, reference = (n: number) => `fee-${n}`): Row[] => Array.from({ length: count }, (_, index) => ({ id: randomUUID(), reference: reference(index), amount: BigInt(index + 1) }));
const sum = (rows: readonly Row[]): string => decimal(rows.reduce((total, { amount }) => total + amount, 0n));

describe('a bank\'s file in parts', () => {
  it('is compared once, whole, and is the comparison that one request makes of the same bookings', async () => {
    const holder = await bank.holder('settle', '100.00');
    const orders = [];
    for (const amount of ['10.00', '20.00']) orders.push((await bank.withdraw(holder, amount, randomUUID())).transaction.id);
    await bank.readStatement();
    const rows: Row[] = [
      ...strangers(4), { id: randomUUID(), reference: `order-${orders[0]}`, amount: -1_000n }, ...strangers(7, () => 'one-name'), { id: randomUUID(), reference: `order-${orders[1]}`, amount: -1_999n },
      // A second booking of the first order, in another chunk than the first.
      { id: randomUUID(), reference: `order-${orders[0]}`, amount: -1_000n },
    ];
    const { bankFile } = await open({ closingBalance: sum(rows) });
    expect(bankFile).toMatchObject({ status: 'UPLOADING', format: 'CSV', nextChunk: 0, lineCount: 0, comparedLines: 0, closingBalance: { amount: sum(rows) }, reconciliation: null });
    const texts = [HEADER + rows.slice(0, 5).map(row).join(''), rows.slice(5, 9).map(row).join(''), rows.slice(9).map(row).join('')];
    for (const [number, text] of texts.entries()) expect((await add(bankFile.id, number, text)).bankFile).toMatchObject({ nextChunk: number + 1 });
    expect((await compare(bankFile.id)).bankFile).toMatchObject({ status: 'COMPARING', lineCount: 14, comparedLines: 0 });
    await workOff();
    const done = await read(bankFile.id);
    const totals = Object.fromEntries(done.reconciliation.totals.map(({ class: c, count }: Payload) => [c, count]));
    expect(totals).toMatchObject({ EXTRA: 12, DIFFERENT: 1, MATCHED: 1 });
    expect(done).toMatchObject({ status: 'DONE', comparedLines: Object.values(totals).reduce((all: number, count) => all + Number(count), 0) });
    expect(await staged()).toBe(0);

    const { data } = await world.ask(`mutation ($input: ReconcileBankFileInput!) { reconcileBankFile(input: $input) { reconciliation { id } userErrors { code } } }`, {
      input: { currency: 'USD', from: day(), to: day(), openingBalance: '0.00', closingBalance: sum(rows), csv: texts.join(''), reason: 'Once more' },
    }, ada.as);
    expect(data.reconcileBankFile).toEqual({ reconciliation: { id: done.reconciliation.id }, userErrors: [] });
    const again = (await open({ closingBalance: sum(rows) })).bankFile;
    await add(again.id, 0, texts.join(''));
    await compare(again.id);
    await workOff();
    expect((await read(again.id)).reconciliation.id).toBe(done.reconciliation.id);
    expect(await staged()).toBe(0);
    const trail = await world.rows(`SELECT reason, after FROM audit_entry WHERE action = 'RECONCILED' AND "subjectId" = $1`, [done.reconciliation.id]);
    expect(trail).toMatchObject([{ reason: 'The daily file', after: { lines: done.comparedLines } }]);
  });

  it('shows its lines by day, each once, also over pages', async () => {
    const before = day(-1);
    const rows = strangers(9);
    const { bankFile } = await open({ from: before, closingBalance: sum(rows) });
    await add(bankFile.id, 0, HEADER + rows.map((one, index) => row(one).replace(day(), index % 2 ? before : day())).join(''));
    await compare(bankFile.id);
    await workOff();
    const { reconciliation } = await read(bankFile.id);
    const seen: Payload[] = [];
    for (let after: string | null = null; ;) {
      const { data }: Payload = await world.ask(`query ($id: ID!, $after: String) { reconciliation(id: $id) { lines(first: 4, after: $after, class: EXTRA) {
        edges { node { bookingId bankBookedOn } } pageInfo { hasNextPage endCursor } } } }`, { id: reconciliation.id, after }, ada.as);
      const { edges, pageInfo } = data.reconciliation.lines;
      seen.push(...edges.map(({ node }: Payload) => node));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(seen.map(({ bookingId }) => bookingId).sort()).toEqual(rows.map(({ id }) => id).sort());
    const days = seen.map(({ bankBookedOn }) => bankBookedOn);
    expect(days).toEqual([...days].sort());
  });

  it('takes each chunk once, in order, and nothing of one with a wrong row, which it names by its line of the file', async () => {
    const rows = strangers(4);
    const { bankFile } = await open({ closingBalance: sum(rows) });
    const first = HEADER + rows.slice(0, 2).map(row).join('');
    expect(refusal(await add(bankFile.id, 0, 'booking_id,reference\n'))).toEqual([['INVALID_INPUT', ['input', 'text', '1', 'header']]]);
    await add(bankFile.id, 0, first);
    expect((await add(bankFile.id, 0, first)).bankFile).toMatchObject({ nextChunk: 1, lineCount: 2 });
    expect(refusal(await add(bankFile.id, 0, first.replace('BOOKED', 'RETURNED')))).toEqual([['IDEMPOTENCY_KEY_REUSED', ['input', 'number']]]);
    for (const number of [2, -1]) expect(refusal(await add(bankFile.id, number, first))).toEqual([['INVALID_INPUT', ['input', 'number']]]);
    expect(messageOf(await add(bankFile.id, 2, first))).toBe('Another chunk is due: nextChunk of the file says which.');
    const third = row(rows[2]!);
    for (const [text, field] of [
      [`${third}b,o,PAID,1.00,${day()}\n`, ['5', 'kind']], [`\n${third}b,o,BOOKED,1.00,2020-01-01\n`, ['6', 'booked_on']], [`${third}x,"o\n`, ['5', 'csv']],
      [third + row(rows[0]!), ['5', 'booking_id']], [third + third, ['5', 'booking_id']],
    ] as const) {
      expect(refusal(await add(bankFile.id, 1, text))).toEqual([['INVALID_INPUT', ['input', 'text', ...field]]]);
    }
    expect(refusal(await add(bankFile.id, 1, 'x'.repeat(200_001)))).toEqual([['INVALID_INPUT', ['input', 'text']]]);
    expect(await read(bankFile.id)).toMatchObject({ nextChunk: 1, lineCount: 2 });
    // The balances say that a chunk is missing; it may still come.
    await add(bankFile.id, 1, third);
    expect(refusal(await compare(bankFile.id))).toEqual([['INVALID_INPUT', ['input', 'fileId']]]);
    expect(messageOf(await compare(bankFile.id))).toContain('some are missing');
    await add(bankFile.id, 2, row(rows[3]!));
    expect((await compare(bankFile.id)).bankFile).toMatchObject({ status: 'COMPARING' });
    expect(refusal(await add(bankFile.id, 3, third))).toEqual([['NOT_ALLOWED', ['input', 'fileId']]]);
    await workOff();
    expect(refusal(await call('discardBankFile', { fileId: bankFile.id }))).toEqual([['NOT_ALLOWED', ['input', 'fileId']]]);
    expect((await compare(bankFile.id)).bankFile).toMatchObject({ status: 'DONE', lineCount: 4 });
  });

  it('takes nothing that cannot be kept: control characters in whatever column, halves of characters, sums beyond all money', async () => {
    const { bankFile } = await open();
    const wide = HEADER.replace('\n', ',na\u0000me\n');
    for (const text of [wide, HEADER.replace('\n', ',\ud800\n')]) {
      expect(refusal(await add(bankFile.id, 0, text))).toEqual([['INVALID_INPUT', ['input', 'text']]]);
    }
    const rows = Array.from({ length: 1_001 }, (_, index) => row({ id: `b${index}`, reference: 'fee', amount: 1_000_000_000_000_000n }));
    const sums = [HEADER + rows.slice(0, 500).join(''), rows.slice(500).join('')];
    expect((await add(bankFile.id, 0, sums[0]!)).userErrors).toEqual([]);
    expect(refusal(await add(bankFile.id, 1, sums[1]!))).toEqual([['INVALID_INPUT', ['input', 'text']]]);
    expect((await call('discardBankFile', { fileId: bankFile.id })).bankFile).toMatchObject({ status: 'DISCARDED', nextChunk: 1 });
    await workOff();
  });

  it('goes on where it was after a crash in the middle, and is shown to nobody before it is whole', async () => {
    const rows = strangers(11);
    const { bankFile } = await open({ closingBalance: sum(rows) });
    await add(bankFile.id, 0, HEADER + rows.map(row).join(''));
    await compare(bankFile.id);
    await world.asOwner(`CREATE FUNCTION break_down() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.seq > 5 THEN RAISE EXCEPTION 'the power is gone'; END IF; RETURN NEW; END $$`);
    await world.asOwner('CREATE TRIGGER break_down BEFORE INSERT ON reconciliation_line FOR EACH ROW EXECUTE FUNCTION break_down()');
    await expect(workOff()).rejects.toMatchObject({ cause: { message: 'the power is gone' } });
    expect(await read(bankFile.id)).toMatchObject({ status: 'COMPARING', comparedLines: 3, reconciliation: null });
    const [run] = await world.rows('SELECT "reconciliationId" AS id FROM bank_file WHERE id = $1', [bankFile.id]);
    const { data } = await world.ask('query ($id: ID!) { reconciliation(id: $id) { id } reconciliations(first: 1) { edges { node { id } } } }', { id: run!['id'] }, ada.as);
    expect(data.reconciliation).toBeNull();
    expect(data.reconciliations.edges).not.toEqual([{ node: { id: run!['id'] } }]);
    // Another comparison of the currency would miss what this one is about to show.
    const other = await world.ask(`mutation ($input: ReconcileBankFileInput!) { reconcileBankFile(input: $input) { userErrors { code field message } } }`, {
      input: { currency: 'USD', from: day(), to: day(), openingBalance: '0.00', closingBalance: '0.00', csv: HEADER, reason: 'Meanwhile' },
    }, ada.as);
    expect(other.data.reconcileBankFile.userErrors).toMatchObject([{ code: 'NOT_ALLOWED', field: ['input', 'currency'], message: expect.stringContaining('being compared') }]);
    const next = (await open()).bankFile;
    await add(next.id, 0, HEADER);
    expect(refusal(await compare(next.id))).toEqual([['NOT_ALLOWED', ['input', 'fileId']]]);
    await world.asOwner('DROP TRIGGER break_down ON reconciliation_line');
    // Several instances at once: a file is in the hands of one.
    const rested = (): Date => new Date(world.now().getTime() + 1_000);
    await Promise.all([workOff(3, rested), workOff(3, rested), workOff(3, rested)]);
    await workOff();
    expect(await read(bankFile.id)).toMatchObject({ status: 'DONE', comparedLines: expect.any(Number) });
    const lines = await world.rows('SELECT seq, "bookingId" FROM reconciliation_line WHERE "reconciliationId" = $1 ORDER BY seq', [run!['id']]);
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_line, index) => index + 1));
    expect(lines.flatMap(({ bookingId }) => bookingId ?? []).sort()).toEqual(rows.map(({ id }) => id).sort());
    expect((await compare(next.id)).bankFile.status).toBe('COMPARING');
    await workOff();
  });

  it('compares with the books as they were when it began, however long it takes', async () => {
    const holder = await bank.holder('settle', '100.00');
    const rows = strangers(5);
    const { bankFile } = await open({ closingBalance: sum(rows) });
    await add(bankFile.id, 0, HEADER + rows.map(row).join(''));
    await compare(bankFile.id);
    const worker = new BankFileWorkService({ dataSource: world.dataSource, now: world.now }, 3);
    await worker.work();
    const later = (await bank.withdraw(holder, '10.00', randomUUID())).transaction.id;
    await bank.readStatement();
    await workOff();
    const { reconciliation } = await read(bankFile.id);
    expect(await world.rows('SELECT 1 AS found FROM reconciliation_line WHERE "reconciliationId" = $1 AND reference = $2', [reconciliation.id, `order-${later}`])).toEqual([]);
  });

  it('is given up with all that it has brought, and is one file a reference', async () => {
    const reference = randomUUID();
    const { bankFile } = await open({ reference });
    expect((await open({ reference })).bankFile.id).toBe(bankFile.id);
    for (const change of [{ currency: 'EUR' }, { format: 'CAMT053' }, { closingBalance: '1.00' }, { openingBalance: '1.00' }]) {
      expect(refusal(await open({ reference, ...change }))).toEqual([['IDEMPOTENCY_KEY_REUSED', ['input', 'reference']]]);
    }
    expect(refusal(await compare(bankFile.id))).toEqual([['INVALID_INPUT', ['input', 'fileId']]]);
    await add(bankFile.id, 0, HEADER + strangers(7).map(row).join(''));
    expect((await call('discardBankFile', { fileId: bankFile.id })).bankFile).toMatchObject({ status: 'DISCARDED' });
    expect((await call('discardBankFile', { fileId: bankFile.id })).bankFile).toMatchObject({ status: 'DISCARDED' });
    await workOff();
    expect(await staged()).toBe(0);
    for (const change of [{ reference: 'two words' }, { reason: '' }, { from: 'x' }, { to: '2999-01-01' }, { openingBalance: 'x' }, { currency: 'ZZZ' }]) {
      expect(refusal(await open(change))).toEqual([['INVALID_INPUT', ['input', Object.keys(change)[0]]]]);
    }
    for (const id of [randomUUID(), 'none']) expect(refusal(await compare(id))).toEqual([['NOT_FOUND', ['input', 'fileId']]]);
  });

  it('is for operators alone, and keeps no other column', async () => {
    const customer = await world.signUp();
    await expect(open({}, customer)).rejects.toThrow('FORBIDDEN');
    const { bankFile } = await open();
    for (const name of ['compareBankFile', 'discardBankFile']) await expect(call(name, { fileId: bankFile.id }, customer)).rejects.toThrow('FORBIDDEN');
    await expect(call('addBankFileChunk', { fileId: bankFile.id, number: 0, text: '' }, customer)).rejects.toThrow('FORBIDDEN');
    expect((await world.ask('query ($id: ID!) { bankFile(id: $id) { id } }', { id: bankFile.id }, customer.as)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
    await add(bankFile.id, 0, `name,${HEADER}${strangers(1).map((one) => `Ada Lovelace-King,${row(one)}`).join('')}`);
    expect(await world.dump()).not.toContain('Lovelace-King');
    await call('discardBankFile', { fileId: bankFile.id });
    await workOff();
  });
});

describe('a camt.053 file', () => {
  const xml = (inner: string, balances: [string, string]): string => `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S</Id><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>
${['OPBD', 'CLBD'].map((code, index) => `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="USD">${balances[index]}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>`).join('')}
${inner}</Stmt></BkToCstmrStmt></Document>`;
  const entry = (id: string, amount: string, endToEndId: string): string => `<Ntry><Amt Ccy="USD">${amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>${day()}</Dt></BookgDt><AcctSvcrRef>${id}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>${endToEndId}</EndToEndId></Refs>
<RltdPties><Cdtr><Pty><Nm>Ada Lovelace-King</Nm></Pty></Cdtr></RltdPties></TxDtls></NtryDtls></Ntry>\n`;

  it('matches our orders by their EndToEndId, in parts, and keeps no name', async () => {
    const holder = await bank.holder('settle', '100.00');
    const order = (await bank.withdraw(holder, '10.00', randomUUID())).transaction.id;
    await bank.readStatement();
    const [booking, extra] = [randomUUID(), randomUUID()];
    const text = xml(entry(booking, '10.00', order.replaceAll('-', '')) + entry(extra, '1.50', 'NOTPROVIDED'), ['50.00', '38.50']);
    const cut = text.indexOf('</Ntry>') + '</Ntry>'.length;
    const { bankFile } = await open({ format: 'CAMT053', openingBalance: '50.00', closingBalance: '38.50' });
    await add(bankFile.id, 0, text.slice(0, cut));
    expect(messageOf(await compare(bankFile.id))).toBe('The file has not ended: chunks are missing.');
    expect(refusal(await add(bankFile.id, 1, text.slice(cut).replace('<Amt Ccy="USD">1.50', '<Amt Ccy="EUR">1.50')))).toEqual([['INVALID_INPUT', ['input', 'text', '7', 'Amt']]]);
    expect(refusal(await add(bankFile.id, 1, text.slice(cut).replace(day(), '2020-01-01')))).toEqual([['INVALID_INPUT', ['input', 'text', '7', 'booked_on']]]);
    expect((await add(bankFile.id, 1, text.slice(cut))).bankFile).toMatchObject({ lineCount: 2, nextChunk: 2 });
    await compare(bankFile.id);
    await workOff();
    const { reconciliation } = await read(bankFile.id);
    const lines = await world.rows('SELECT class, "bookingId", reference FROM reconciliation_line WHERE "reconciliationId" = $1 AND "bookingId" IS NOT NULL ORDER BY class', [reconciliation.id]);
    expect(lines).toEqual([{ class: 'EXTRA', bookingId: extra, reference: extra }, { class: 'MATCHED', bookingId: booking, reference: `order-${order}` }]);
    expect(await world.dump()).not.toContain('Lovelace-King');
  });

  it('whose balances are not those that were said of it is refused, and a document type never read', async () => {
    const { bankFile } = await open({ format: 'CAMT053', openingBalance: '50.00', closingBalance: '49.00' });
    await add(bankFile.id, 0, xml(entry(randomUUID(), '1.00', 'NOTPROVIDED'), ['51.00', '50.00']));
    expect(messageOf(await compare(bankFile.id))).toContain('balance');
    await call('discardBankFile', { fileId: bankFile.id });
    const attacked = (await open({ format: 'CAMT053' })).bankFile;
    expect(refusal(await add(attacked.id, 0, '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>'))).toEqual([['INVALID_INPUT', ['input', 'text', '1', 'doctype']]]);
    await call('discardBankFile', { fileId: attacked.id });
    await workOff();
  });
});
