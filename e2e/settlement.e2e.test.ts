import { randomUUID } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { newVerifiedMerchant, verify } from './verified-merchant';
import { addStore, inboxOf, type Merchant, must, newFundedPerson, newMerchant, operator, pay, type Person, persona, refund } from './world';

// The loops of settlement and of the bank are waited for one after the other.
jest.setTimeout(240_000);

// Accounts at the sandbox bank, by what happens there.
const SETTLES = 'DE89370400440532013000';
const IS_CLOSED = 'DE24370400440532013006';
const GIVES_BACK = 'DE94370400440532013007';

const SET_ACCOUNT = `mutation ($input: SetPayoutAccountInput!) { setPayoutAccount(input: $input) {
  payoutAccount { id bankName last4 status usableFrom } userErrors { code field } } }`;
const CLOSE = `mutation ($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { id } userErrors { code } } }`;
const SETTLEMENTS = `query ($id: ID!) { merchant(id: $id) { name payoutAccount { last4 status } payoutHold { reason payoutId resumptionsLeft } settlements(first: 10) { edges { node {
  id number gross { amount currency } refunds { amount } fees { amount } reserveHeld { amount } net { amount } openingBalance { amount }
  closingBalance { amount } paymentCount refundCount feeBasisPoints payout { status failureReason amount { amount } last4 }
  lines(first: 10) { edges { node { transactionId kind amount { amount } paymentId } } } } } } } }`;

const setAccount = (by: Person, merchantId: string, iban: string) =>
  by.client.request<any>(SET_ACCOUNT, { input: { merchantId, iban, holderName: 'Corner Coffee Ltd' } }).then(({ data }) => data.setPayoutAccount);
const shopOf = async (by: Person, { id }: Merchant) => (await must<any>(by.client, SETTLEMENTS, { id })).merchant;
const settlementsOf = async (by: Person, shop: Merchant) => (await shopOf(by, shop)).settlements.edges.map(({ node }: any) => node);

/** Closes the shop's batch, once the books have all of what it should have in their place. */
async function close(shop: Merchant, lines: number): Promise<void> {
  const staff = await operator();
  await eventually(async () => {
    await staff.client.request<any>(CLOSE, { input: { merchantId: shop.id, currency: 'USD', reason: 'A story' } });
    const settled = await settlementsOf(staff, shop);
    expect(settled.reduce((sum: number, node: any) => sum + node.paymentCount + node.refundCount, 0)).toBe(lines);
  }, { describe: 'all lines are settled', timeoutMs: 90_000 });
}

const cents = (amount: string): number => Math.round(Number(amount) * 100);

describe('settlement with a merchant', () => {
  it('settles what was paid less fees and refunds, pays it to the bank account, and tells of all of it', async () => {
    const [shop, payer, stranger] = await Promise.all([newVerifiedMerchant(), newFundedPerson('200.00'), newFundedPerson('1.00')]);
    const first = await pay(payer, shop.id, '100.00');
    await pay(payer, shop.id, '20.00');
    await refund(shop.owner, first.id, '30.00');
    await close(shop, 3);
    // Set only now, so that one payout carries it all, into however many batches it came.
    const done = await setAccount(shop.owner, shop.id, SETTLES);
    expect(done).toMatchObject({ payoutAccount: { last4: '3000', status: 'ACTIVE' }, userErrors: [] });
    await eventually(async () => {
      const settled = await settlementsOf(shop.owner, shop);
      expect(settled.map(({ payout }: any) => payout?.status)).toEqual(settled.map(() => 'SETTLED'));
    }, { describe: 'every settlement is paid out', timeoutMs: 60_000 });
    const settled = await settlementsOf(shop.owner, shop);
    const sum = (name: string) => settled.reduce((total: number, node: any) => total + cents(node[name].amount), 0);
    // The standard plan is 0.8 %, of 120.00 in all; refunds give nothing of it back.
    expect([sum('gross'), sum('refunds'), sum('fees'), sum('net')]).toEqual([12_000, 3_000, 96, 8_904]);
    for (const { payout } of settled) expect(payout).toMatchObject({ amount: { amount: '89.04' }, last4: '3000' });
    const lines = settled.flatMap((node: any) => node.lines.edges.map(({ node: line }: any) => line));
    expect(lines.map(({ kind, amount }: any) => `${kind} ${amount.amount}`).sort()).toEqual(['PAYMENT 100.00', 'PAYMENT 20.00', 'REFUND -30.00']);
    expect(lines.find(({ kind }: any) => kind === 'REFUND')).toMatchObject({ paymentId: first.id });
    await eventually(async () => expect((await inboxOf(shop.owner)).map(({ topic }: any) => topic)).toContain('payout-account.changed'),
      { describe: 'the owner hears of the account', timeoutMs: 30_000 });
    // To everybody else there is a merchant, and nothing of its money.
    expect(await shopOf(stranger, shop)).toMatchObject({ name: 'Corner Coffee', payoutAccount: null, payoutHold: null, settlements: null });
    expect(await shopOf(payer, shop)).toMatchObject({ payoutAccount: null, payoutHold: null, settlements: null });
    const ONE = 'query ($id: ID!) { settlement(id: $id) { id document(format: CSV) { fileName content } } }';
    expect((await must<any>(stranger.client, ONE, { id: settled[0].id })).settlement).toBeNull();
    const { settlement } = await must<any>(shop.owner.client, ONE, { id: settled[0].id });
    expect(settlement.document.content).toContain('bookedAt,transactionId,kind');
  });

  it('gives back what the bank does not take, and waits; a shop\'s people alone may look', async () => {
    const [shop, payer] = await Promise.all([newVerifiedMerchant(), newFundedPerson('50.00')]);
    await addStore(shop.owner, shop.id);
    await setAccount(shop.owner, shop.id, IS_CLOSED);
    await pay(payer, shop.id, '10.00');
    await close(shop, 1);
    await eventually(async () => {
      expect((await settlementsOf(shop.owner, shop))[0]).toMatchObject({ payout: { status: 'FAILED', failureReason: 'ACCOUNT_CLOSED', amount: { amount: '9.92' } } });
    }, { describe: 'the bank says no', timeoutMs: 60_000 });
    const held = await shopOf(shop.owner, shop);
    expect(held.payoutAccount).toMatchObject({ status: 'HELD' });
    expect(held.payoutHold).toEqual({ reason: 'ACCOUNT_HELD', payoutId: expect.any(String), resumptionsLeft: 3 });
    // Its owner says that it is all right now. It is not, and each owner hears of both.
    const RESUME = `mutation ($input: ResumePayoutsInput!) { resumePayouts(input: $input) { payoutAccount { status } userErrors { code } } }`;
    const input = { merchantId: shop.id, payoutId: held.payoutHold.payoutId };
    expect((await must<any>(shop.owner.client, RESUME, { input })).resumePayouts).toEqual({ payoutAccount: { status: 'ACTIVE' }, userErrors: [] });
    await eventually(async () => {
      const { payoutHold } = await shopOf(shop.owner, shop);
      expect(payoutHold).toMatchObject({ reason: 'ACCOUNT_HELD', resumptionsLeft: 2 });
      expect(payoutHold.payoutId).not.toBe(input.payoutId);
    }, { describe: 'it is tried again, and held again', timeoutMs: 60_000 });
    expect((await must<any>(shop.owner.client, RESUME, { input })).resumePayouts).toEqual({ payoutAccount: { status: 'HELD' }, userErrors: [] });
    await eventually(async () => expect((await inboxOf(shop.owner)).map(({ topic }: any) => topic)).toContain('payouts.resumed'),
      { describe: 'the owner hears that payouts go on', timeoutMs: 30_000 });
    const denied = await setAccount(payer, shop.id, SETTLES);
    expect(denied).toEqual({ payoutAccount: null, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'merchantId'] }] });
  });

  it('pays a merchant that nobody has verified nothing, says so to its owner, and pays it once its application is approved', async () => {
    const [shop, payer] = await Promise.all([newMerchant(), newFundedPerson('50.00')]);
    await setAccount(shop.owner, shop.id, SETTLES);
    await pay(payer, shop.id, '10.00');
    await close(shop, 1);
    const before = await shopOf(shop.owner, shop);
    expect(before.payoutHold).toMatchObject({ reason: 'NOT_VERIFIED' });
    expect(before.settlements.edges).toMatchObject([{ node: { net: { amount: '9.92' }, payout: null } }]);
    await verify(shop);
    await eventually(async () => {
      expect(await settlementsOf(shop.owner, shop)).toMatchObject([{ payout: { status: 'SETTLED', amount: { amount: '9.92' } } }]);
    }, { describe: 'it is paid in the next round', timeoutMs: 60_000 });
    expect((await shopOf(shop.owner, shop)).payoutHold).toBeNull();
  });

  it('is owed again what the bank gives back days later', async () => {
    const [shop, payer] = await Promise.all([newVerifiedMerchant(), newFundedPerson('50.00')]);
    await setAccount(shop.owner, shop.id, GIVES_BACK);
    await pay(payer, shop.id, '10.00');
    await close(shop, 1);
    await eventually(async () => {
      expect((await settlementsOf(shop.owner, shop))[0]).toMatchObject({ payout: { status: 'RETURNED', amount: { amount: '9.92' } } });
    }, { describe: 'the money comes back', timeoutMs: 60_000 });
    expect((await shopOf(shop.owner, shop)).payoutAccount).toMatchObject({ status: 'HELD' });
  });

  it('writes off what a merchant owes where two operators say so, with its next settlement', async () => {
    const [shop, payer, [ada, bob]] = await Promise.all([newVerifiedMerchant(), newFundedPerson('120.00'), Promise.all([operator(), persona('supervisor')])]);
    // No fee comes back with a refund: 0.8 % of 100.00 is owed.
    const payment = await pay(payer, shop.id, '100.00');
    await close(shop, 1);
    await refund(shop.owner, payment.id);
    await close(shop, 2);
    const owing = async () => (await must<any>(ada.client,
      '{ owingMerchants(currency: "USD", first: 100) { edges { node { merchant { id name } owed { amount } writtenOff { amount } } } } }'))
      .owingMerchants.edges.map(({ node }: any) => node).find(({ merchant }: any) => merchant.id === shop.id);
    expect(await owing()).toEqual({ merchant: { id: shop.id, name: 'Corner Coffee' }, owed: { amount: '0.80' }, writtenOff: { amount: '0.00' } });

    const SHOWN = 'approval { id status digest } userErrors { code message }';
    const ASK = `mutation ($input: RequestMerchantWriteOffInput!) { requestMerchantWriteOff(input: $input) { ${SHOWN} } }`;
    const APPROVE = `mutation ($input: ApproveRequestInput!) { approveRequest(input: $input) { ${SHOWN} } }`;
    const input = { merchantId: shop.id, amount: { amount: '0.80', currency: 'USD' }, reason: 'Too small to pursue', idempotencyKey: randomUUID() };
    expect((await shop.owner.client.request<any>(ASK, { input })).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    const { requestMerchantWriteOff: { approval } } = await must<any>(ada.client, ASK, { input });
    const decision = { approvalId: approval.id, digest: approval.digest, reason: 'Agreed' };
    expect((await ada.client.request<any>(APPROVE, { input: decision })).data.approveRequest.userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect((await must<any>(bob.client, APPROVE, { input: decision })).approveRequest.approval.status).toBe('EXECUTED');
    expect(await owing()).toMatchObject({ owed: { amount: '0.80' }, writtenOff: { amount: '0.80' } });
    await eventually(async () => expect(await inboxOf(shop.owner)).toContainEqual(expect.objectContaining({
      topic: 'merchant-debt.written-off', body: 'We no longer ask Corner Coffee for the $0.80 that it still owed. See its next settlement.',
    })), { describe: 'the owner hears of it', timeoutMs: 30_000 });

    await eventually(async () => {
      await ada.client.request<any>(CLOSE, { input: { merchantId: shop.id, currency: 'USD', reason: 'A story' } });
      expect((await settlementsOf(shop.owner, shop))[0]).toMatchObject({ openingBalance: { amount: '-0.80' }, net: { amount: '0.80' }, closingBalance: { amount: '0.00' } });
    }, { describe: 'what is written off is settled', timeoutMs: 90_000 });
    const [{ lines }] = await settlementsOf(shop.owner, shop);
    expect(lines.edges).toMatchObject([{ node: { kind: 'ADJUSTMENT', amount: { amount: '0.80' } } }]);
    expect(await owing()).toBeUndefined();
  });

  it('pays a merchant that is suspended off by hand where two operators say so: never more than there is, and once', async () => {
    const [shop, payer, [ada, bob]] = await Promise.all([newVerifiedMerchant(), newFundedPerson('50.00'), Promise.all([operator(), persona('supervisor')])]);
    await pay(payer, shop.id, '10.00');
    await must(ada.client, 'mutation ($input: SuspendMerchantInput!) { suspendMerchant(input: $input) { userErrors { code } } }',
      { input: { merchantId: shop.id, reason: 'The shop closes' } });
    await eventually(async () => expect((await shopOf(shop.owner, shop)).payoutHold).toMatchObject({ reason: 'SUSPENDED' }),
      { describe: 'accounts knows that it is suspended', timeoutMs: 15_000 });
    await close(shop, 1);
    await setAccount(shop.owner, shop.id, SETTLES);

    const SHOWN = 'approval { id status digest } userErrors { code field }';
    const ASK = `mutation ($input: RequestPayoutByHandInput!) { requestPayoutByHand(input: $input) { ${SHOWN} } }`;
    const APPROVE = `mutation ($input: ApproveRequestInput!) { approveRequest(input: $input) { ${SHOWN} } }`;
    const order = (amount: string) => ({
      input: { merchantId: shop.id, amount: { amount, currency: 'USD' }, reason: 'The shop closes', idempotencyKey: randomUUID() },
    });
    const asked = async (by: Person, amount: string) => (await by.client.request<any>(ASK, order(amount))).data.requestPayoutByHand;
    expect((await shop.owner.client.request<any>(ASK, order('9.92'))).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    expect(await asked(ada, '9.93')).toMatchObject({ approval: null, userErrors: [{ code: 'INSUFFICIENT_FUNDS' }] });
    const { approval } = await asked(ada, '9.92');
    const decision = { approvalId: approval.id, digest: approval.digest, reason: 'Seen' };
    expect((await ada.client.request<any>(APPROVE, { input: decision })).data.approveRequest.userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    expect(await settlementsOf(ada, shop)).toMatchObject([{ payout: null }]);
    expect((await must<any>(bob.client, APPROVE, { input: decision })).approveRequest.approval.status).toBe('EXECUTED');
    await eventually(async () => {
      expect(await settlementsOf(shop.owner, shop)).toMatchObject([{ payout: { status: 'SETTLED', amount: { amount: '9.92' }, last4: '3000' } }]);
    }, { describe: 'the bank has paid it', timeoutMs: 60_000 });
    // All of it is out: nothing is left to be asked for.
    expect(await asked(ada, '0.01')).toMatchObject({ approval: null, userErrors: [{ code: 'INSUFFICIENT_FUNDS' }] });
    expect((await shopOf(shop.owner, shop)).payoutHold).toMatchObject({ reason: 'SUSPENDED' });
  });

  it('lets operators set terms, each with a reason in the trail, and nobody else', async () => {
    const [shop, staff] = [await newMerchant(), await operator()];
    const SET = `mutation ($input: SetMerchantTermsInput!) { setMerchantTerms(input: $input) { terms { feeBasisPoints feePerPayment { amount } effectiveFrom }
      userErrors { code field } } }`;
    const input = {
      merchantId: shop.id, feeBasisPoints: 150, feePerPayment: { amount: '0.10', currency: 'USD' }, reserveBasisPoints: 1_000, reserveDays: 7,
      reason: `Story ${randomUUID()}`,
    };
    expect((await must<any>(staff.client, SET, { input })).setMerchantTerms).toMatchObject({ terms: { feeBasisPoints: 150 }, userErrors: [] });
    const { settlementAudit } = await must<any>(staff.client,
      'query ($id: ID!) { settlementAudit(merchantId: $id, first: 5) { edges { node { action before after reason } } } }', { id: shop.id });
    expect(settlementAudit.edges.map(({ node }: any) => node)).toMatchObject([{ action: 'TERMS_SET', before: null, reason: input.reason }]);
    const { errors } = await shop.owner.client.request<any>(SET, { input });
    expect(errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
  });
});
