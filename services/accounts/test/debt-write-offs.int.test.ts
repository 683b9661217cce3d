import { inTransaction } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import { collect } from '../src/debts/debt.service';
import { lockDebt } from '../src/debts/debt.store';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { bankOf, type Holder } from './support/bank-world';
import { codeOf, operatorsOf } from './support/operators';

const DEBT = `id personId walletId status owed { amount currency } collected { amount } writtenOff { amount } open { amount } since
  auditTrail(first: 10) { edges { node { action actorId before after reason } } }`;
const FIND = `query ($id: ID!) { debt(id: $id) { ${DEBT} } }`;
const LIST = `query ($status: DebtStatus, $first: Int, $after: String) { debts(status: $status, first: $first, after: $after) {
  edges { cursor node { id status } } pageInfo { hasNextPage } } }`;

let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
let staff: ReturnType<typeof operatorsOf>;
let [ada, bob]: NewPerson[] = [] as never;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_debt_write_offs');
  bank = bankOf(world);
  staff = operatorsOf(world);
  [ada, bob] = [await staff.operator(), await staff.operator()];
});
afterEach(async () => expect(await bank.breaches()).toEqual([]));
afterAll(() => world.end());

const debtIdOf = async (holder: Holder): Promise<string> => (await bank.orders(holder)).find(({ owed }) => owed > 0n)!.id;
const find = async (id: string, by = ada!) => (await world.ask(FIND, { id }, by.as)).data.debt;
const idsOf = async (variables: object) => (await world.ask(LIST, { first: 100, ...variables }, ada!.as)).data.debts.edges.map(({ node }: any) => node.id);
const ask = (debtId: string, amount: string, change: object = {}, by = ada!) => staff.call('requestDebtWriteOff', {
  debtId, amount: bank.usd(amount), reason: 'Cannot be found any more', idempotencyKey: `k-${Math.random()}`, ...change,
}, by);
const collectAll = () => world.app.services.debts.collectOpen();
const sends = async (holder: Holder, amount: string) => codeOf((await bank.send(holder, (await world.signUp()).email, amount)).data.sendMoney);

describe('a write-off of a debt', () => {
  it('wants two operators, is booked against what is receivable, and lets its person send again', async () => {
    const holder = await bank.debtor('25.00');
    const debtId = await debtIdOf(holder);
    await bank.fund(holder, '10.00');
    await collectAll();
    const asked = await ask(debtId, '15.00');
    expect(asked).toMatchObject({
      approval: { kind: 'DEBT_WRITE_OFF', subjectId: debtId, status: 'REQUESTED', amount: { amount: '15.00', currency: 'USD' } }, userErrors: [],
    });
    expect(codeOf(await staff.approve(ada!, asked.approval))).toBe('NOT_ALLOWED');
    expect(await find(debtId)).toMatchObject({ status: 'OPEN', collected: { amount: '10.00' }, writtenOff: { amount: '0.00' }, open: { amount: '15.00' }, auditTrail: { edges: [] } });
    const receivable = await bank.systemBalance('BANK_RECEIVABLE');
    const { approval } = await staff.approve(bob!, asked.approval);
    expect(approval).toMatchObject({ status: 'EXECUTED', decidedBy: bob!.id });
    expect(await bank.systemBalance('BANK_RECEIVABLE')).toBe(receivable + 1_500n);

    const debt = await find(debtId);
    expect(debt).toMatchObject({
      personId: holder.id, walletId: holder.walletId, status: 'WRITTEN_OFF', owed: { amount: '25.00', currency: 'USD' }, collected: { amount: '10.00' },
      writtenOff: { amount: '15.00' }, open: { amount: '0.00' }, since: expect.any(String),
    });
    const [{ node: entry }] = debt.auditTrail.edges;
    expect(entry).toMatchObject({ action: 'WRITTEN_OFF', actorId: bob!.id, reason: 'I have seen the receipt' });
    expect(JSON.parse(entry.before)).toEqual({ status: 'OPEN', owed: '2500', collected: '1000', writtenOff: '0' });
    expect(JSON.parse(entry.after)).toEqual({
      status: 'WRITTEN_OFF', owed: '2500', collected: '1000', writtenOff: '1500', approvalId: approval.id, transactionId: approval.resultId,
    });

    expect((await world.events('debt.written-off')).filter(({ personId }) => personId === holder.id)).toMatchObject([
      { transactionId: approval.resultId, topUpId: debtId, walletId: holder.walletId, currency: 'USD', amount: '1500', left: '0' },
    ]);
    await bank.fund(holder, '20.00');
    expect(await collectAll()).toBe(0);
    expect([await sends(holder, '5.00'), await bank.balance(holder)]).toEqual(['OK', 1_500n]);
    expect((await bank.withdraw(holder, '5.00', 'w')).userErrors).toEqual([]);
    // What Tael bears is no transaction of theirs.
    const { data } = await world.ask('{ viewer { transactions(first: 50) { edges { node { kind } } } } }', {}, holder.as);
    expect(data.viewer.transactions.edges.map(({ node }: any) => node.kind)).toEqual(['WITHDRAWAL', 'TRANSFER', 'TOP_UP', 'TOP_UP', 'TRANSFER', 'TOP_UP']);
  });

  it('may be of a part: what is left is collected as before', async () => {
    const holder = await bank.debtor('25.00');
    const debtId = await debtIdOf(holder);
    const { approval } = await ask(debtId, '20.00');
    expect(codeOf(await staff.approve(bob!, approval))).toBe('OK');
    expect([(await find(debtId)).status, await sends(holder, '0.01')]).toEqual(['OPEN', 'NOT_ALLOWED']);
    await bank.fund(holder, '7.00');
    expect([await collectAll(), await bank.balance(holder)]).toEqual([1, 200n]);
    expect(await find(debtId)).toMatchObject({ status: 'WRITTEN_OFF', collected: { amount: '5.00' }, writtenOff: { amount: '20.00' } });
  });

  it('is refused for what cannot be, and asked for once at a time', async () => {
    const holder = await bank.debtor('25.00');
    const debtId = await debtIdOf(holder);
    const settled = (await bank.holder('settle', '0.00'));
    await bank.topUp(settled, '5.00', 'k');
    const nobodys = '0196a000-0000-7000-8000-00000000dead';
    for (const [id, amount, change, code, field] of [
      [nobodys, '1.00', {}, 'NOT_FOUND', 'debtId'], ['x', '1.00', {}, 'NOT_FOUND', 'debtId'], [(await bank.orders(settled))[0]!.id, '1.00', {}, 'NOT_FOUND', 'debtId'],
      [debtId, '25.01', {}, 'NOT_ALLOWED', 'amount'], [debtId, '0.00', {}, 'INVALID_INPUT', 'amount'], [debtId, '1.00', { reason: ' ' }, 'INVALID_INPUT', 'reason'],
      [debtId, '1.00', { amount: { amount: '1.00', currency: 'EUR' } }, 'CURRENCY_MISMATCH', 'amount'],
    ] as const) {
      const { approval, userErrors: [refusal] } = await ask(id, amount, change);
      expect([approval, refusal?.code, refusal?.field[1]]).toEqual([null, code, field]);
    }
    expect(codeOf(await ask(debtId, '1.00'))).toBe('OK');
    expect((await ask(debtId, '2.00', {}, bob!)).userErrors).toMatchObject([{ code: 'ALREADY_EXISTS' }]);
    const own = await bank.debtor('25.00');
    const asOwner = { ...own, as: { principal: { ...own.as.principal, roles: ['CUSTOMER', 'OPERATOR'] as never } } };
    expect((await ask(await debtIdOf(own), '1.00', {}, asOwner)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED', message: 'Nobody writes off a debt of their own.' }]);
    const { approval } = await ask(await debtIdOf(own), '1.00');
    expect((await staff.approve(asOwner, approval)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED', field: ['input', 'approvalId'] }]);
  });

  it('is not done of what was collected since, nor of what the wallet can pay: it is asked for anew', async () => {
    const holder = await bank.debtor('25.00');
    const debtId = await debtIdOf(holder);
    const { approval } = await ask(debtId, '25.00');
    await bank.fund(holder, '0.50');
    expect((await staff.approve(bob!, approval)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED', message: expect.stringContaining('the wallet can pay') }]);
    await collectAll();
    expect(codeOf(await staff.approve(bob!, approval))).toBe('NOT_ALLOWED');
    await staff.cancel(ada!, approval.id);
    const anew = await ask(debtId, '24.50');
    expect(codeOf(await staff.approve(bob!, anew.approval))).toBe('OK');
    expect(await find(debtId)).toMatchObject({ status: 'WRITTEN_OFF', collected: { amount: '0.50' }, writtenOff: { amount: '24.50' } });
  });
});

describe('the loop and a write-off at once', () => {
  it('whoever has the order first is done before the other looks: nothing is collected of what is written off', async () => {
    const holder = await bank.debtor('25.00');
    const debtId = await debtIdOf(holder);
    const { approval } = await ask(debtId, '25.00');
    await bank.fund(holder, '10.00');
    const approving = await inTransaction(world.dataSource, async (tx) => {
      expect((await collect(tx, (await lockDebt(tx, debtId))!)).amount).toBe(1_000n);
      const asked = staff.approve(bob!, approval);
      await eventually(async () => expect(await world.rows(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '/* bankOrders.lock%'`)).toHaveLength(1));
      return { asked };
    });
    expect(codeOf(await approving.asked)).toBe('NOT_ALLOWED');
    expect(await find(debtId)).toMatchObject({ status: 'OPEN', collected: { amount: '10.00' }, writtenOff: { amount: '0.00' } });
  });

  it('six times at once: each sum is taken or borne once, never both', async () => {
    for (let round = 0; round < 6; round += 1) {
      const holder = await bank.debtor('25.00');
      const debtId = await debtIdOf(holder);
      const { approval } = await ask(debtId, '25.00');
      await Promise.all([bank.fund(holder, '25.00'), staff.approve(bob!, approval), collectAll(), collectAll()]);
      await collectAll();
      const { collected, writtenOff, open } = await find(debtId);
      expect(open.amount).toBe('0.00');
      expect([[collected.amount, writtenOff.amount], await bank.balance(holder)]).toEqual(
        collected.amount === '0.00' ? [['0.00', '25.00'], 2_500n] : [['25.00', '0.00'], 0n]);
    }
  });
});

describe('debts', () => {
  it('are listed to operators, by what became of them, the newest first, in pages', async () => {
    const holders = [await bank.debtor('1.00'), await bank.debtor('2.00'), await bank.debtor('3.00')];
    const ids: string[] = [];
    for (const holder of holders) ids.push(await debtIdOf(holder));
    const [settled, writtenOff, open] = ids;
    await bank.fund(holders[0]!, '1.00');
    await collectAll();
    const { approval } = await ask(writtenOff!, '2.00');
    await staff.approve(bob!, approval);
    for (const [status, id] of [['SETTLED', settled], ['WRITTEN_OFF', writtenOff], ['OPEN', open]] as const) {
      expect((await idsOf({ status })).filter((found: string) => ids.includes(found))).toEqual([id]);
    }
    expect((await idsOf({})).slice(0, 3)).toEqual([open, writtenOff, settled]);
    const { debts } = (await world.ask(LIST, { first: 1 }, ada!.as)).data;
    expect(debts).toMatchObject({ edges: [{ node: { id: open, status: 'OPEN' } }], pageInfo: { hasNextPage: true } });
    expect((await idsOf({ first: 1, after: debts.edges[0].cursor }))).toEqual([writtenOff]);
    expect([await find('x'), await find(holders[0]!.id)]).toEqual([null, null]);
  });

  it('are for operators alone', async () => {
    const holder = await bank.debtor('1.00');
    for (const query of ['{ debts { edges { node { id } } } }', `{ debt(id: "${await debtIdOf(holder)}") { id } }`]) {
      expect((await world.ask(query, {}, holder.as)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }
  });
});

describe('the books', () => {
  const amiss = async (change: string, values: unknown[]) => {
    await world.asOwner(change, values);
    return bank.breaches();
  };

  it('show a debt that was written off in its row alone, or in the books alone', async () => {
    const holder = await bank.debtor('25.00');
    const debtId = await debtIdOf(holder);
    const { approval } = await ask(debtId, '5.00');
    await staff.approve(bob!, approval);
    const set = 'UPDATE bank_order SET "writtenOff" = $2 WHERE id = $1';
    for (const wrong of ['2500', '0']) {
      const found = await amiss(set, [debtId, wrong]);
      expect(found.filter((breach) => breach.includes('is receivable'))).toHaveLength(1);
      expect(found.filter((breach) => breach.includes(debtId) && breach.includes('written off'))).toHaveLength(1);
    }
    expect(await amiss(set, [debtId, '500'])).toEqual([]);
  });

  it('take no write-off that nobody approved, and no more than was owed', async () => {
    const holder = await bank.debtor('25.00');
    const debtId = await debtIdOf(holder);
    const { approval } = await ask(debtId, '5.00');
    const { approval: { resultId } } = await staff.approve(bob!, approval);
    await expect(world.asOwner('UPDATE bank_order SET "writtenOff" = 2501 WHERE id = $1', [debtId])).rejects.toThrow(/bank_order_debt/);
    await world.asOwner('ALTER TABLE ledger_tx DISABLE TRIGGER USER');
    try {
      const wrong = await amiss(`UPDATE ledger_tx SET "externalRef" = 'approval:nobody' WHERE id = $1`, [resultId]);
      expect(wrong.filter((breach) => breach.startsWith('every executed approval has exactly its transaction'))).toHaveLength(2);
      await world.asOwner(`UPDATE ledger_tx SET "externalRef" = 'approval:' || $2::text WHERE id = $1`, [resultId, approval.id]);
      const elsewhere = await amiss('UPDATE ledger_tx SET "parentId" = NULL WHERE id = $1', [resultId]);
      expect(elsewhere.filter((breach) => breach.includes(approval.id))).not.toEqual([]);
      await world.asOwner('UPDATE ledger_tx SET "parentId" = $2 WHERE id = $1', [resultId, debtId]);
    } finally {
      await world.asOwner('ALTER TABLE ledger_tx ENABLE TRIGGER USER');
    }
  });
});
