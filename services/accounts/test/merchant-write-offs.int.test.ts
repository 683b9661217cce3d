import { eventually } from '@tael/testkit';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { merchantsOf, type Shop } from './support/merchant-world';
import { asOperator, codeOf, operatorsOf } from './support/operators';
import { secondFactorOf } from './support/second-factor';

const OWING = `{ owingMerchants(currency: "USD", first: 100) { edges { node { merchant { id } owed { amount } writtenOff { amount currency } } } } }`;
const SETTLED = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Merchant { settlements(first: 1) { edges { node { adjustments { amount }
  lines { edges { node { transactionId kind amount { amount } } } } csv: document(format: CSV) { content } xml: document(format: CAMT_053) { content } } } } } } }`;
const TRAIL = 'query ($id: ID!) { settlementAudit(merchantId: $id, first: 5) { edges { node { action actorId before after reason } } } }';

let world: PeopleWorld;
let merchants: ReturnType<typeof merchantsOf>;
let staff: ReturnType<typeof operatorsOf>;
let [ada, bob, payer]: NewPerson[] = [] as never;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_merchant_write_offs');
  [merchants, staff] = [merchantsOf(world), operatorsOf(world)];
  [ada, bob, payer] = [await staff.operator(), await staff.operator(), await merchants.payer('9000.00')];
});
beforeEach(() => merchants.today());
afterEach(() => merchants.expectBooksToHold());
afterAll(() => world.end());

const owing = (minor: bigint): Promise<Shop> => merchants.owing(payer!, minor);

const ask = ({ merchantId }: Shop, amount: string, change: object = {}, by = ada!) => staff.call('requestMerchantWriteOff', {
  merchantId, amount: merchants.bank.usd(amount), reason: 'Has shut down', idempotencyKey: `k-${Math.random()}`, ...change,
}, by);
/** Has two operators write so much off. */
async function writeOff(shop: Shop, amount: string): Promise<{ id: string; resultId: string }> {
  const { approval, userErrors } = await ask(shop, amount);
  expect(userErrors).toEqual([]);
  const done = await staff.approve(bob!, approval);
  expect(done).toMatchObject({ approval: { status: 'EXECUTED' }, userErrors: [] });
  return done.approval;
}
const owedBy = async ({ merchantId }: Shop) =>
  (await world.ask(OWING, {}, ada!.as)).data.owingMerchants.edges.map(({ node }: any) => node).find(({ merchant }: any) => merchant.id === merchantId);
/** Inflow, payable and receivable. */
const standing = async (shop: Shop): Promise<bigint[]> =>
  [await merchants.balance(shop, 'MERCHANT_INFLOW'), await merchants.balance(shop, 'MERCHANT_PAYABLE'), await merchants.balance(shop, 'MERCHANT_RECEIVABLE')];
const newest = async (shop: Shop) => (await merchants.settlements(shop)).at(-1);
const less = (amount: string) => [{ code: 'NOT_ALLOWED', message: expect.stringContaining(`At most ${amount} USD of what this merchant owes`), field: expect.anything() }];
const nothing = [{ code: 'NOT_ALLOWED', message: expect.stringContaining('owes nothing in this currency'), field: expect.anything() }];

describe('a write-off of what a merchant owes', () => {
  it('wants two operators, waits on the inflow, and is an adjustment of the next batch that pays nothing out', async () => {
    const shop = await owing(3_000n);
    const asked = await ask(shop, '30.00');
    expect(asked).toMatchObject({
      approval: { kind: 'MERCHANT_WRITE_OFF', subjectId: shop.merchantId, status: 'REQUESTED', amount: { amount: '30.00', currency: 'USD' }, payload: '{}' }, userErrors: [],
    });
    expect(codeOf(await staff.approve(ada!, asked.approval))).toBe('NOT_ALLOWED');
    expect([await standing(shop), await owedBy(shop)]).toMatchObject([[0n, 0n, -3_000n], { owed: { amount: '30.00' }, writtenOff: { amount: '0.00' } }]);
    const borne = await merchants.bank.systemBalance('WRITE_OFFS');
    const { approval } = await staff.approve(bob!, asked.approval);
    expect(approval).toMatchObject({ status: 'EXECUTED', decidedBy: bob!.id });
    expect(await merchants.bank.systemBalance('WRITE_OFFS')).toBe(borne - 3_000n);
    expect([await standing(shop), await owedBy(shop)]).toMatchObject([
      [3_000n, 0n, -3_000n], { owed: { amount: '30.00' }, writtenOff: { amount: '30.00', currency: 'USD' } },
    ]);

    const [{ node: entry }] = (await world.ask(TRAIL, { id: shop.merchantId }, ada!.as)).data.settlementAudit.edges;
    expect(entry).toMatchObject({ action: 'WRITTEN_OFF', actorId: bob!.id, reason: 'I have seen the receipt' });
    expect(JSON.parse(entry.before)).toEqual({ currency: 'USD', settlement: 2, owed: '30.00', writtenOff: '0.00' });
    expect(JSON.parse(entry.after)).toEqual({
      currency: 'USD', settlement: 2, owed: '30.00', writtenOff: '30.00', requestedBy: ada!.id, approvalId: approval.id, transactionId: approval.resultId,
    });

    expect((await world.events('merchant-debt.written-off')).filter(({ merchantId }) => merchantId === shop.merchantId)).toMatchObject([
      { personId: shop.owner.id, transactionId: approval.resultId, currency: 'USD', amount: '3000', left: '0' },
    ]);
    const payouts = await merchants.payouts(shop);
    await merchants.nextDay();
    await merchants.openPayouts();
    expect(await newest(shop)).toMatchObject({ number: 3, gross: 0n, refunds: 0n, adjustments: 3_000n, fees: 0n, net: 3_000n, opening: -3_000n, closing: 0n });
    expect([await standing(shop), await owedBy(shop), (await merchants.payouts(shop)).length]).toEqual([[0n, 0n, 0n], undefined, payouts.length]);
    expect((await world.events('settlement.closed')).filter(({ merchantId }) => merchantId === shop.merchantId).at(-1)).toMatchObject({ adjustments: '3000', net: '3000' });
    // Its owner sees it as a line of the settlement, and nobody as a transaction.
    const [{ settlements }] = (await world.ask(SETTLED, { of: [{ __typename: 'Merchant', id: shop.merchantId }] }, shop.owner.as)).data._entities;
    const [{ node }] = settlements.edges;
    expect(node.adjustments.amount).toBe('30.00');
    expect(node.lines.edges).toEqual([{ node: { transactionId: approval.resultId, kind: 'ADJUSTMENT', amount: { amount: '30.00' } } }]);
    expect(node.csv.content).toContain('MERCHANT_WRITE_OFF,30.00,USD');
    expect(node.xml.content).toContain('<Cd>MERCHANT_WRITE_OFF</Cd>');
    for (const as of [ada!.as, shop.owner.as]) expect((await world.ask('query ($id: ID!) { transaction(id: $id) { id } }', { id: approval.resultId }, as)).data.transaction).toBeNull();
  });

  it('may be of a part; what is left is owed as before, and settled by closeSettlement too', async () => {
    const shop = await owing(3_000n);
    await writeOff(shop, '10.00');
    await merchants.nextDay();
    expect([await standing(shop), await owedBy(shop)]).toMatchObject([[0n, 0n, -2_000n], { owed: { amount: '20.00' }, writtenOff: { amount: '0.00' } }]);
    await writeOff(shop, '20.00');
    await merchants.fold();
    await merchants.closeNow(shop);
    await merchants.fold();
    expect([await standing(shop), await owedBy(shop)]).toEqual([[0n, 0n, 0n], undefined]);
  });

  it('leaves what is earned until the batch to the merchant, less the fee alone', async () => {
    const shop = await owing(3_000n);
    await writeOff(shop, '30.00');
    await merchants.tell(shop, {}, { basisPoints: 200 });
    await merchants.pay(payer!, shop, 5_000n);
    await merchants.nextDay();
    expect(await newest(shop)).toMatchObject({ gross: 5_000n, adjustments: 3_000n, fees: 100n, net: 7_900n, opening: -3_000n, closing: 4_900n });
    expect(await standing(shop)).toEqual([0n, 4_900n, 0n]);
  });

  it('is refused for what cannot be', async () => {
    const shop = await owing(3_000n);
    const nobodys = '0196a000-0000-7000-8000-00000000dead';
    for (const [merchantId, amount, change, code, field] of [
      [nobodys, '1.00', {}, 'NOT_FOUND', 'merchantId'], ['x', '1.00', {}, 'NOT_FOUND', 'merchantId'],
      [shop.merchantId, '30.01', {}, 'NOT_ALLOWED', 'amount'], [shop.merchantId, '0.00', {}, 'INVALID_INPUT', 'amount'],
      [shop.merchantId, '1.00', { reason: ' ' }, 'INVALID_INPUT', 'reason'],
      [shop.merchantId, '1.00', { amount: { amount: '1.00', currency: 'EUR' } }, 'NOT_ALLOWED', 'merchantId'],
      [(await merchants.shop()).merchantId, '1.00', {}, 'NOT_ALLOWED', 'merchantId'],
    ] as const) {
      const { approval, userErrors: [refusal] } = await ask({ ...shop, merchantId }, amount, change);
      expect([approval, refusal?.code, refusal?.field[1]]).toEqual([null, code, field]);
    }
    const { errors } = await world.ask(
      'mutation ($input: RequestMerchantWriteOffInput!) { requestMerchantWriteOff(input: $input) { userErrors { code } } }',
      { input: { merchantId: shop.merchantId, amount: merchants.bank.usd('1.00'), reason: 'Mine', idempotencyKey: 'k' } }, shop.owner.as,
    );
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  it.each(['owner', 'manager', 'cashier'] as const)('is neither asked for nor approved by an operator who is the merchant\'s %s', async (role) => {
    const shop = await owing(3_000n);
    const theirs = asOperator(shop[role]);
    const own = [{ code: 'NOT_ALLOWED', message: 'No operator decides this of a merchant that they have a part in.' }];
    expect((await ask(shop, '30.00', {}, theirs)).userErrors).toMatchObject(own);
    const { approval } = await ask(shop, '30.00');
    expect((await staff.approve(theirs, approval)).userErrors).toMatchObject(own);
    expect(await standing(shop)).toEqual([0n, 0n, -3_000n]);
    expect(codeOf(await staff.approve(bob!, approval))).toBe('OK');
  });

  it('wants the second factor of an operator who has one', async () => {
    const factor = secondFactorOf(world);
    const shop = await owing(3_000n);
    const eve = asOperator(await factor.enrolled());
    const { approval } = await ask(shop, '30.00');
    expect(codeOf(await staff.approve(eve, approval))).toBe('STEP_UP_REQUIRED');
    const stepUpId = await factor.approved(eve, { purpose: 'APPROVE_REQUEST', approval: { approvalId: approval.id, digest: approval.digest } });
    expect(codeOf(await staff.approve(eve, approval, { stepUpId }))).toBe('OK');
  });
});

describe('what is written off', () => {
  it('is not written off again, folded or not, nor asked for while another is open', async () => {
    const shop = await owing(3_000n);
    const { approval } = await ask(shop, '20.00');
    expect((await ask(shop, '10.00', {}, bob!)).userErrors).toMatchObject([{ code: 'ALREADY_EXISTS' }]);
    expect(codeOf(await staff.approve(bob!, approval))).toBe('OK');
    for (const look of [() => Promise.resolve(), () => merchants.fold()]) {
      await look();
      expect((await ask(shop, '20.00')).userErrors).toEqual(less('10.00'));
    }
    await writeOff(shop, '10.00');
    for (const look of [() => Promise.resolve(), () => merchants.fold()]) {
      await look();
      expect((await ask(shop, '0.01')).userErrors).toEqual(nothing);
    }
    await merchants.nextDay();
    expect([await standing(shop), (await ask(shop, '0.01')).userErrors]).toEqual([[0n, 0n, 0n], nothing]);
  });

  it('is so once, also where two requests are approved at once', async () => {
    // Of a merchant one request is open at a time. Without that fence the lock alone decides.
    const [{ indexdef }] = await world.rows(`SELECT indexdef FROM pg_indexes WHERE indexname = 'approval_open'`) as [{ indexdef: string }];
    await world.asOwner('DROP INDEX approval_open');
    await world.asOwner('CREATE UNIQUE INDEX approval_open ON approval (kind, "subjectId", id) WHERE status = \'REQUESTED\' AND kind <> \'MANUAL_ADJUSTMENT\'');
    try {
      for (let round = 0; round < 3; round += 1) {
        const shop = await owing(3_000n);
        const requests = await Promise.all([openRequest(shop, 'a'), openRequest(shop, 'b')]);
        const done = await world.atOnce('settlement_cursor', 2, (index) => staff.approve(bob!, requests[index]!));
        expect(done.map(codeOf).sort()).toEqual(['NOT_ALLOWED', 'OK']);
        await staff.cancel(ada!, requests[done.map(codeOf).indexOf('NOT_ALLOWED')]!.id);
        await merchants.nextDay();
        expect(await standing(shop)).toEqual([0n, 0n, -1_000n]);
        expect((await newest(shop))!['adjustments']).toBe(2_000n);
      }
    } finally {
      await world.asOwner('DROP INDEX approval_open');
      await world.asOwner(indexdef);
    }
  });

  /** A request as the service keeps it, beside another that is open. */
  async function openRequest(shop: Shop, key: string): Promise<{ id: string; digest: string }> {
    const [{ id }] = await world.rows(
      `INSERT INTO approval (id, kind, "subjectId", currency, amount, payload, status, reason, "requestedBy", "requestedAt", "idempotencyKey", "expiresAt")
       VALUES (gen_random_uuid(), 'MERCHANT_WRITE_OFF', $1, 'USD', 2000, '{}', 'REQUESTED', 'Has shut down', $2, $3, $4, $3::timestamptz + interval '1 day') RETURNING id`,
      [shop.merchantId, ada!.id, world.now(), `${key}-${shop.merchantId}`],
    ) as [{ id: string }];
    await world.rows(
      `INSERT INTO audit_entry (id, at, "actorId", action, "subjectKind", "subjectId", reason) VALUES (gen_random_uuid(), $3, $2, 'REQUESTED', 'APPROVAL', $1, 'Has shut down')`,
      [id, ada!.id, world.now()],
    );
    return (await world.ask('query ($id: ID!) { approval(id: $id) { id digest } }', { id }, ada!.as)).data.approval;
  }

  it('is what is owed at the approval: a batch that was closed since the request counts', async () => {
    const shop = await owing(3_000n);
    const { approval } = await ask(shop, '30.00');
    await merchants.pay(payer!, shop, 1_000n);
    await merchants.nextDay();
    expect((await staff.approve(bob!, approval)).userErrors).toEqual(less('20.00'));
    await merchants.pay(payer!, shop, 2_000n);
    await merchants.nextDay();
    expect((await staff.approve(bob!, approval)).userErrors).toEqual(nothing);
    await merchants.nextDay();
    expect(await standing(shop)).toEqual([0n, 0n, 0n]);
  });

  it('is not what Tael holds of the merchant anyway: that pays by itself, settled or not', async () => {
    const shop = await owing(3_000n);
    const { approval } = await ask(shop, '30.00');
    await merchants.pay(payer!, shop, 1_000n);
    for (const look of [() => Promise.resolve(), () => merchants.fold()]) {
      await look();
      expect((await staff.approve(bob!, approval)).userErrors).toEqual(less('20.00'));
    }
    await staff.cancel(ada!, approval.id);
    await writeOff(shop, '20.00');
    await merchants.nextDay();
    expect(await standing(shop)).toEqual([0n, 0n, 0n]);
  });

  it('is not what a payout that came back pays', async () => {
    const shop = await merchants.shop(0);
    expect(await merchants.setAccount(shop, 'returned')).toMatchObject({ ok: true });
    const payment = await merchants.pay(payer!, shop, 3_000n);
    await merchants.fold();
    await merchants.closeNow(shop);
    await merchants.openPayouts();
    await merchants.refund(shop, payment, 2_000n);
    await merchants.nextDay();
    const { approval } = await ask(shop, '20.00');
    const statuses = async () => (await merchants.payouts(shop)).map(({ status }) => status);
    await merchants.bank.withLoops(() => eventually(async () => expect(await statuses()).toEqual(['RETURNED']), { timeoutMs: 25_000 }));
    expect(await standing(shop)).toEqual([0n, 3_000n, -2_000n]);
    expect((await staff.approve(bob!, approval)).userErrors).toEqual(less('0.00'));
  });

  it('is not what went back since: that is owed with the next batch', async () => {
    const shop = await owing(3_000n);
    const payment = await merchants.pay(payer!, shop, 500n);
    await merchants.nextDay();
    await merchants.refund(shop, payment);
    expect((await ask(shop, '25.01')).userErrors).toEqual(less('25.00'));
    await writeOff(shop, '25.00');
    expect((await ask(shop, '5.00')).userErrors).toEqual(nothing);
    await merchants.nextDay();
    expect([await standing(shop), await owedBy(shop)]).toMatchObject([[0n, 0n, -500n], { owed: { amount: '5.00' }, writtenOff: { amount: '0.00' } }]);
  });

  it('ties out while batches are closed and people pay, all at once', async () => {
    for (let round = 0; round < 4; round += 1) {
      const shop = await owing(3_000n);
      const { approval } = await ask(shop, '25.00');
      merchants.today();
      const close = async (): Promise<void> => {
        await merchants.fold();
        await merchants.closeNow(shop);
      };
      const [done] = await Promise.all([staff.approve(bob!, approval), merchants.pay(payer!, shop, 500n), close(), close()]);
      expect(codeOf(done)).toBe('OK');
      // What is left is of the day after the one that was closed ahead of its time.
      await merchants.nextDay();
      await merchants.nextDay();
      expect(await standing(shop)).toEqual([0n, 0n, 0n]);
    }
  });
});

describe('the books', () => {
  const NAMES = { approvals: 'every executed approval has exactly its transaction', owed: 'of a merchant nothing is written off but' };
  /** How many lines of either rule a change brings; it is undone after. */
  async function amiss(table: string, change: string, undo: string, values: unknown[]): Promise<[number, number]> {
    await world.asOwner(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    try {
      await world.asOwner(change, values);
      const breaches = await merchants.breaches();
      await world.asOwner(undo, values);
      const of = (name: string) => breaches.filter((breach) => breach.startsWith(name)).length;
      return [of(NAMES.approvals), of(NAMES.owed)];
    } finally {
      await world.asOwner(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
    }
  }

  it('take no write-off that nobody approved, that was not owed, or that went elsewhere', async () => {
    const [shop, other] = [await owing(3_000n), await owing(4_000n)];
    const { id, resultId } = await writeOff(shop, '30.00');
    const tx = (set: string) => `UPDATE ledger_tx SET ${set} WHERE id = $1::uuid AND $2::text IS NOT NULL`;
    expect(await amiss('ledger_tx', tx(`"externalRef" = 'approval:' || gen_random_uuid()`), tx(`"externalRef" = 'approval:' || $2::text`), [resultId, id])).toEqual([2, 0]);
    const at = (place: number) => `UPDATE ledger_tx SET "merchantId" = ($2::uuid[])[${place}] WHERE id = $1`;
    expect(await amiss('ledger_tx', at(2), at(1), [resultId, [shop.merchantId, other.merchantId]])).toEqual([1, 1]);
    // As if it had been decided after the first batch, which left nothing owing; and as if nobody had.
    const trail = (settlement: string) => `UPDATE audit_entry SET after = jsonb_set(after, '{settlement}', '${settlement}') WHERE after->>'transactionId' = $1::text`;
    expect(await amiss('audit_entry', trail('1'), trail('2'), [resultId])).toEqual([0, 1]);
    expect(await amiss('audit_entry', trail('9'), trail('2'), [resultId])).toEqual([0, 1]);
    const posting = (purpose: string) => `UPDATE posting SET "debitAccountId" = (SELECT id FROM account WHERE purpose = '${purpose}' AND asset = 'USD') WHERE "txId" = $1`;
    expect(await amiss('posting', posting('ADJUSTMENTS'), posting('WRITE_OFFS'), [resultId])).toEqual([0, 1]);
    expect(await merchants.breaches()).toEqual([]);
  });
});
