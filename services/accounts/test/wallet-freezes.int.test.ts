import { randomUUID } from 'node:crypto';
import type { EventData } from '@tael/events';
import { currencyCode } from '@tael/money';
import { inTransaction } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { accountsDataSource } from '../src/data-source';
import { accountsHandlers } from '../src/events/accounts.consumer';
import { merchantInflowId } from '../src/ledger/account.ids';
import { openMerchantInflow, post } from '../src/ledger/ledger.service';
import { bookPayments } from '../src/payments/payment-batch.service';
import { PaymentService } from '../src/payments/payment.service';
import { WalletFreezeService } from '../src/wallets/wallet-freeze.service';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { bankOf, type Holder } from './support/bank-world';
import { asOperator, operatorsOf } from './support/operators';

const FREEZE = `id walletId personId currency otherWalletIds frozenAt frozenBy reason liftedAt liftedBy`;
const FREEZE_WALLET = `mutation ($input: FreezeWalletInput!) { done: freezeWallet(input: $input) { freeze { ${FREEZE} } userErrors { code message field } } }`;
const UNFREEZE_WALLET = `mutation ($input: UnfreezeWalletInput!) { done: unfreezeWallet(input: $input) { freeze { ${FREEZE} } userErrors { code message field } } }`;
const FREEZES = `query ($walletId: ID, $first: Int, $after: String) { walletFreezes(walletId: $walletId, first: $first, after: $after) {
  edges { cursor node { ${FREEZE} auditTrail(first: 10) { edges { node { actorId action before after reason } } } } } pageInfo { hasNextPage } } }`;
const PAY = 'mutation ($input: PayMerchantInput!) { done: payMerchant(input: $input) { transaction { id } userErrors { code message field } } }';
const SEND = 'mutation ($input: SendMoneyInput!) { done: sendMoney(input: $input) { transaction { id } userErrors { code message field } } }';
const QUOTE = 'query ($input: PaymentQuoteInput!) { done: paymentQuote(input: $input) { quote { id } userErrors { code } } }';
const WALLETS = '{ viewer { wallets { id frozenSince } } }';

let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
let merchantId: string;
let [ada, bob]: NewPerson[] = [] as never;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_wallet_freezes');
  bank = bankOf(world);
  [ada, bob] = [asOperator(await world.signUp()), asOperator(await world.signUp())];
  merchantId = await merchant();
});
afterEach(async () => {
  await bank.readStatement();
  expect(await bank.breaches()).toEqual([]);
});
afterAll(() => world.end());

async function merchant(): Promise<string> {
  const data: EventData<'merchant.changed'> = {
    merchantId: uuidv7(), version: 1, name: 'v1.s1.a.b', categoryCode: '5812', currency: currencyCode('USD'), status: 'ACTIVE', people: [], roles: [],
    feePlan: { id: 'standard', basisPoints: 150 }, verified: false, occurredAt: new Date(),
  };
  const event = { id: uuidv7(), type: 'merchant.changed', source: 'test', time: new Date(), traceparent: undefined, data };
  await inTransaction(world.dataSource, (tx) => accountsHandlers['merchant.changed']!(tx, event as never));
  return data.merchantId;
}

const call = async (query: string, input: object, by: Pick<NewPerson, 'as'> & { locale?: string }) => {
  const { data, errors } = await world.ask(query, { input }, { ...by.as, locale: by.locale ?? 'en' });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.done;
};
const freeze = (walletId: string, by = ada!, reason = 'Order 7 of the court') => call(FREEZE_WALLET, { walletId, reason }, by);
const unfreeze = (freezeId: string, by = ada!, reason = 'The order was lifted') => call(UNFREEZE_WALLET, { freezeId, reason }, by);
const usd = (amount: string) => ({ amount, currency: 'USD' });
const pay = (person: NewPerson, amount = '1.00', idempotencyKey: string = randomUUID(), locale = 'en') =>
  call(PAY, { walletId: person.walletId, merchantId, amount: usd(amount), idempotencyKey }, { ...person, locale });
const send = (person: NewPerson, to: NewPerson, amount = '1.00') =>
  call(SEND, { walletId: person.walletId, recipientEmail: to.email, amount: usd(amount), idempotencyKey: randomUUID() }, person);
const withdraw = (holder: Holder, amount = '1.00') => bank.withdraw(holder, amount, randomUUID());
const codeOf = (done: { userErrors: { code: string }[] }) => done.userErrors[0]?.code ?? 'OK';
const freezes = async (variables: object, by = ada!) => (await world.ask(FREEZES, { ...variables }, by.as)).data.walletFreezes;
const frozenSince = async (person: NewPerson) => (await world.ask(WALLETS, {}, person.as)).data.viewer.wallets[0].frozenSince;

describe('a frozen wallet', () => {
  it('A8: lets nothing out at its person\'s wish, takes what comes in, and lets out again what it did not before', async () => {
    const [holder, friend] = [await bank.holder('settle', '100.00'), await bank.holder('settle', '50.00')];
    expect(await frozenSince(holder)).toBeNull();
    const done = await freeze(holder.walletId);
    expect(done).toMatchObject({
      freeze: { walletId: holder.walletId, personId: holder.id, currency: 'USD', otherWalletIds: [], frozenBy: ada!.id, reason: 'Order 7 of the court', liftedAt: null, liftedBy: null },
      userErrors: [],
    });
    expect(await frozenSince(holder)).toBe(done.freeze.frozenAt);

    const frozen = { transaction: null, userErrors: [{ code: 'WALLET_FROZEN', field: ['input', 'walletId'], message: expect.stringMatching(/frozen.*support/) }] };
    const key = randomUUID();
    expect(await pay(holder, '1.00', key)).toEqual(frozen);
    expect(await pay(holder, '1.00', randomUUID(), 'zh-CN')).toMatchObject({ userErrors: [{ message: expect.stringContaining('冻结') }] });
    expect(await send(holder, friend)).toEqual(frozen);
    expect(await withdraw(holder)).toMatchObject({ transaction: null, userErrors: [{ code: 'WALLET_FROZEN' }] });
    expect(codeOf(await call(QUOTE, { walletId: holder.walletId, merchantId, amount: usd('1.00') }, holder))).toBe('WALLET_FROZEN');
    expect(await bank.balance(holder)).toBe(10_000n);

    expect(codeOf(await send(friend, holder, '7.00'))).toBe('OK');
    expect(codeOf(await bank.topUp(holder, '3.00', randomUUID()))).toBe('OK');
    await eventually(async () => expect(await bank.balance(holder)).toBe(11_000n), { describe: 'what comes in is there' });

    expect(await unfreeze(done.freeze.id, bob!)).toMatchObject({ freeze: { id: done.freeze.id, liftedBy: bob!.id, liftedAt: expect.any(String) }, userErrors: [] });
    expect(await frozenSince(holder)).toBeNull();
    // The key of what was refused is still good.
    expect([await pay(holder, '1.00', key), await send(holder, friend), await withdraw(holder)].map(codeOf)).toEqual(['OK', 'OK', 'OK']);
  });

  it('gives back, or up, what others have a right to', async () => {
    const holder = await bank.holder('settle', '100.00');
    const { transaction } = await pay(holder, '20.00');
    await freeze(holder.walletId);
    const { refunds } = world.app.services;
    const refunded = await refunds.refund(
      { personId: ada!.id, sessionId: ada!.as.principal.sessionId, operator: true, traceparent: '' },
      { transactionId: transaction.id, amount: { minor: 500n, currency: currencyCode('USD') }, reason: undefined, idempotencyKey: randomUUID() } as never,
    );
    expect(refunded.ok).toBe(true);
    const { adjust, approve } = operatorsOf(world);
    const asked = await adjust(ada!, holder.walletId, { direction: 'DEBIT', amount: usd('5.00') });
    expect(codeOf(await approve(bob!, asked.approval))).toBe('OK');
    expect(await bank.balance(holder)).toBe(10_000n - 2_020n + 500n - 500n);
  });

  it('is told of by events and the trail, with the reason in the trail alone', async () => {
    const holder = await bank.holder('settle', '0.00');
    const { freeze: made } = await freeze(holder.walletId);
    await unfreeze(made.id, bob!);
    const told = { personId: holder.id, walletId: holder.walletId, freezeId: made.id, currency: 'USD', occurredAt: expect.any(String) };
    for (const type of ['wallet.frozen', 'wallet.unfrozen']) {
      expect((await world.events(type)).filter(({ personId }) => personId === holder.id)).toEqual([told]);
    }
    const { edges } = await freezes({ walletId: holder.walletId });
    expect(edges.map(({ node }: any) => node.id)).toEqual([made.id]);
    expect(edges[0].node.auditTrail.edges.map(({ node }: any) => node)).toEqual([
      { actorId: bob!.id, action: 'UNFROZEN', before: JSON.stringify({ frozen: true, freezeId: made.id }), after: '{"frozen":false}', reason: 'The order was lifted' },
      { actorId: ada!.id, action: 'FROZEN', before: '{"frozen":false}', after: JSON.stringify({ frozen: true, freezeId: made.id }), reason: 'Order 7 of the court' },
    ]);
  });
});

describe('operators', () => {
  it('see what stands, the newest first, page by page, and of one wallet what was lifted, too', async () => {
    const people = await Promise.all(Array.from({ length: 3 }, () => world.signUp()));
    const made: string[] = [];
    for (const { walletId } of people) made.push((await freeze(walletId)).freeze.id);
    await unfreeze(made[1]!);
    const first = await freezes({ first: 1 });
    expect(first.edges.map(({ node }: any) => node.id)).toEqual([made[2]]);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const next = await freezes({ first: 1, after: first.edges[0].cursor });
    expect(next.edges.map(({ node }: any) => node.id)).toEqual([made[0]]);
    const again = (await freeze(people[1]!.walletId)).freeze.id;
    expect((await freezes({ walletId: people[1]!.walletId })).edges.map(({ node }: any) => [node.id, node.liftedAt !== null])).toEqual([[again, false], [made[1], true]]);
    expect((await freezes({ walletId: 'nothing' })).edges).toEqual([]);
  });

  it('see the other wallets of the same person', async () => {
    const person = await world.signUp();
    const { data } = await world.ask('mutation { openWallet(input: { currency: "EUR" }) { wallet { id } userErrors { code } } }', {}, person.as);
    expect((await freeze(person.walletId)).freeze.otherWalletIds).toEqual([data.openWallet.wallet.id]);
  });

  it.each<[string, () => Promise<any>, string, string]>([
    ['no such wallet', () => freeze(uuidv7()), 'NOT_FOUND', 'walletId'],
    ['no id', () => freeze('w'), 'NOT_FOUND', 'walletId'],
    ['no reason', () => freeze(bob!.walletId, ada!, ' '), 'INVALID_INPUT', 'reason'],
    ['a reason that is too long', () => freeze(bob!.walletId, ada!, 'x'.repeat(501)), 'INVALID_INPUT', 'reason'],
    ['their own wallet', () => freeze(ada!.walletId), 'NOT_ALLOWED', 'walletId'],
    ['no such freeze', () => unfreeze(uuidv7()), 'NOT_FOUND', 'freezeId'],
    ['no reason to lift', async () => unfreeze(uuidv7(), ada!, ''), 'INVALID_INPUT', 'reason'],
    ['their own freeze', async () => unfreeze((await freeze(ada!.walletId, bob!)).freeze.id, ada!), 'NOT_ALLOWED', 'freezeId'],
  ])('are refused: %s', async (_what, ask, code, field) => {
    expect(await ask()).toMatchObject({ freeze: null, userErrors: [{ code, field: ['input', field] }] });
  });

  it('freeze and lift once, also where many do it at once', async () => {
    const { walletId } = await world.signUp();
    const done = await Promise.all(Array.from({ length: 6 }, (_, n) => freeze(walletId, n % 2 ? ada! : bob!)));
    expect(done.map(codeOf).sort()).toEqual([...Array.from({ length: 5 }, () => 'ALREADY_EXISTS'), 'OK']);
    const { freeze: made } = done.find((one) => one.freeze)!;
    expect((await Promise.all(Array.from({ length: 6 }, () => unfreeze(made.id)))).map(codeOf).sort()).toEqual([...Array.from({ length: 5 }, () => 'NOT_ALLOWED'), 'OK']);
    // Who looked at the freeze of before lifts no newer one.
    await freeze(walletId);
    expect(codeOf(await unfreeze(made.id))).toBe('NOT_ALLOWED');
  });

  it('alone may look, freeze and lift, and only in a session that lives', async () => {
    const [person, away] = [await world.signUp(), asOperator(await world.signUp())];
    for (const [query, variables] of [[FREEZE_WALLET, { input: { walletId: bob!.walletId, reason: 'x' } }], [UNFREEZE_WALLET, { input: { freezeId: uuidv7(), reason: 'x' } }], [FREEZES, {}]] as const) {
      expect((await world.ask(query, variables, person.as)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }
    await world.rows(`UPDATE session SET "endedAt" = now(), "endReason" = 'SIGNED_OUT' WHERE "personId" = $1`, [away.id]);
    expect(codeOf(await freeze(person.walletId, away))).toBe('SESSION_EXPIRED');
  });
});

describe('the database', () => {
  it('A8: is the last fence: whoever books a debit of a frozen wallet at its person\'s wish fails', async () => {
    const holder = await bank.holder('settle', '100.00');
    await freeze(holder.walletId);
    const USD = currencyCode('USD');
    const book = (kind: 'PAYMENT' | 'ADJUSTMENT_DEBIT') => inTransaction(world.dataSource, async (tx) => {
      await post(tx, {
        id: uuidv7(), kind, currency: USD, amount: 100n, personId: holder.id, walletId: holder.walletId,
        legs: [{ debit: holder.walletId, credit: merchantInflowId(merchantId, USD), amount: 100n }],
      });
      throw new Error('booked');
    });
    await inTransaction(world.dataSource, (tx) => openMerchantInflow(tx, merchantId, USD));
    await expect(book('PAYMENT')).rejects.toMatchObject({ driverError: { code: '23001', message: expect.stringContaining('is frozen') } });
    await expect(book('ADJUSTMENT_DEBIT')).rejects.toThrow('booked');
  });

  it('changes nothing of a freeze but that it is lifted, once', async () => {
    const { walletId } = await world.signUp();
    const { freeze: made } = await freeze(walletId);
    for (const change of ['reason = \'other\'', '"frozenVersion" = 7', '"frozenAt" = now()']) {
      await expect(world.rows(`UPDATE wallet_freeze SET ${change} WHERE id = $1`, [made.id])).rejects.toMatchObject({ driverError: { code: '23001' } });
    }
    await unfreeze(made.id);
    await expect(world.rows('UPDATE wallet_freeze SET "liftedAt" = now() WHERE id = $1', [made.id])).rejects.toMatchObject({ driverError: { code: '23001' } });
    await expect(world.rows('DELETE FROM wallet_freeze')).rejects.toMatchObject({ driverError: { code: '42501' } });
  });
});

describe('payments in batches', () => {
  it('A8: are refused by themselves: their neighbours in the batch feel nothing of it', async () => {
    const [frozen, free] = [await bank.holder(), await bank.holder()];
    await freeze(frozen.walletId);
    const answers = await bookPayments(world.dataSource, [frozen, free].map(orderOf));
    expect(answers.map((answer) => (answer.ok ? 'OK' : answer.refusals[0]!.code))).toEqual(['WALLET_FROZEN', 'OK']);
  });

  it('still are two statements, with the freeze read in the first', async () => {
    const holder = await bank.holder();
    await bookPayments(world.dataSource, [orderOf(holder)]);
    const sent = jest.spyOn(pg.Client.prototype, 'query');
    try {
      await bookPayments(world.dataSource, [orderOf(holder)]);
      const texts = sent.mock.calls.map(([query]: any[]) => String(query?.text ?? query).match(/\/\* (\S+) \*\//)?.[1]).filter(Boolean);
      expect(texts).toEqual(['payments.open', 'payments.write']);
    } finally {
      sent.mockRestore();
    }
  });
});

function orderOf(payer: NewPerson) {
  const transactionId = uuidv7();
  return {
    transactionId, personId: payer.id, operator: false, traceparent: '', walletId: payer.walletId, merchantId,
    amount: { minor: 100n, currency: currencyCode('USD') }, description: undefined, sealed: undefined,
    claim: { scope: payer.id, key: randomUUID(), mutation: 'payMerchant' as const, transactionId, input: { of: transactionId } },
  };
}

describe('a freeze that races debits', () => {
  let other: DataSource;
  beforeAll(async () => {
    other = await accountsDataSource({ url: world.databaseUrl, poolSize: 6 }).initialize();
  });
  afterAll(() => other.destroy());

  /** Debits of the wallet among its entries, by their place among them. */
  const debits = (walletId: string) => world.rows(
    `SELECT e."accountVersion" AS version, t.kind FROM entry e JOIN ledger_tx t ON t.id = e."txId" WHERE e."accountId" = $1 AND e.amount < 0`, [walletId],
  );

  // Payments through two instances, transfers and withdrawals all take from one wallet until each of them hears that it is frozen.
  it.each(Array.from({ length: 6 }, (_, n) => [n + 1]))('A8: round %i: after its commit no debit commits, whichever instance books it', async (round) => {
    const [holder, friend] = [await bank.holder('settle', '1000.00'), await world.signUp()];
    const caller = { personId: holder.id, sessionId: holder.as.principal.sessionId, operator: false, traceparent: '' };
    const { payments, sealer, stepUps } = world.app.services;
    const instances = [payments, new PaymentService({ dataSource: other, sealer, stepUps })];
    const command = () => ({ walletId: holder.walletId, merchantId, amount: { minor: 10n, currency: currencyCode('USD') }, description: undefined, idempotencyKey: randomUUID() });
    const wishes: (() => Promise<string>)[] = [
      ...instances.flatMap((instance) => Array.from({ length: 3 }, () => async () => {
        const answer = await instance.pay(caller, command());
        return answer.ok ? 'OK' : answer.refusals[0]!.code;
      })),
      async () => codeOf(await send(holder, friend, '0.10')),
      async () => codeOf(await withdraw(holder, '0.10')),
    ];
    let frozen = false;
    let made = 0;
    const late: string[] = [];
    const running = wishes.map(async (wish) => {
      for (;;) {
        const begunAfter = frozen;
        const code = await wish();
        if (code === 'OK') made += 1;
        if (code === 'OK' && begunAfter) late.push(code);
        if (code !== 'OK') return code;
      }
    });
    await eventually(async () => expect(made).toBeGreaterThan(round * 3), { describe: 'debits are under way' });
    const done = await new WalletFreezeService({ dataSource: round % 2 ? other : world.dataSource })
      .freeze({ personId: ada!.id, sessionId: ada!.as.principal.sessionId, traceparent: '' }, { walletId: holder.walletId, reason: 'A8' });
    const committed = await debits(holder.walletId);
    frozen = true;
    expect(done.ok).toBe(true);
    expect(new Set(await Promise.all(running))).toEqual(new Set(['WALLET_FROZEN']));
    expect(late).toEqual([]);
    // What had committed when the freeze was answered is all there ever is; and by the account's own count none comes after the freeze.
    expect(await debits(holder.walletId)).toHaveLength(committed.length);
    const [row] = await world.rows('SELECT "frozenVersion" FROM wallet_freeze WHERE "walletId" = $1', [holder.walletId]);
    expect(committed.length).toBeGreaterThan(round * 3);
    expect(committed.filter(({ version }) => (version as bigint) > (row!['frozenVersion'] as bigint))).toEqual([]);
  });
});
