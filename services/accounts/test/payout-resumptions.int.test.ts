import { randomBytes, randomUUID } from 'node:crypto';
import { inTransaction } from '@tael/platform/postgres';
import { createSealer } from '@tael/platform/seal';
import { BANK_IBANS } from '@tael/sandbox';
import { eventually } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { PayoutAccountService } from '../src/payouts/payout-account.service';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { callerOf, merchantsOf, type Shop, USD } from './support/merchant-world';
import { codeOf, secondFactorOf } from './support/second-factor';

// What an owner does about payouts: lets them go on after one failed, and sets an account once, however often that is sent.
let world: PeopleWorld;
let merchants: ReturnType<typeof merchantsOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_payout_resumptions');
  merchants = merchantsOf(world);
});
beforeEach(() => merchants.today());
afterEach(() => merchants.expectBooksToHold());
afterAll(() => world.end());

const resume = (shop: Shop, payoutId: string, { person = shop.owner, stepUpId }: { person?: NewPerson; stepUpId?: string } = {}) =>
  world.app.services.payoutResumptions.resume(callerOf(person), { merchantId: shop.merchantId, payoutId, stepUpId });
const why = (done: Awaited<ReturnType<typeof resume>>) => (done.ok ? 'OK' : done.refusals[0]!.reason ?? done.refusals[0]!.code);
const status = async ({ merchantId }: Shop) => (await world.app.services.payoutAccounts.current([merchantId])).get(merchantId)?.status;
const left = async ({ merchantId }: Shop) => (await world.app.services.payoutResumptions.resumable([merchantId])).get(merchantId);

/** Pays out what is payable, and lets the bank say how that ends. Gives the payout. */
async function payOut(shop: Shop): Promise<string> {
  await merchants.openPayouts();
  return ended(shop);
}
/** Waits until the bank has said how the newest payout ends. Gives it. */
async function ended(shop: Shop): Promise<string> {
  return merchants.bank.withLoops(() => eventually(async () => {
    const newest = (await merchants.payouts(shop)).at(-1)!;
    expect(newest.status).not.toBe('PENDING');
    return newest.id;
  }, { timeoutMs: 25_000, describe: 'the bank says how the payout ends' }));
}
/** A shop whose bank did not take the payout, which is payable again. */
async function heldShop(): Promise<{ shop: Shop; failed: string }> {
  const shop = await merchants.shop(0);
  expect(await merchants.setAccount(shop, 'closed')).toMatchObject({ ok: true });
  await merchants.earn(shop, 10_000n);
  const failed = await payOut(shop);
  expect(await status(shop)).toBe('HELD');
  return { shop, failed };
}

describe('payouts that an owner lets go on', () => {
  it('go to the same account, once for each payout that failed; every owner hears of it, and the trail says who', async () => {
    const { shop, failed } = await heldShop();
    expect(await left(shop)).toEqual({ payoutId: failed, resumptionsLeft: 3 });
    expect((await Promise.all([resume(shop, failed), resume(shop, failed), resume(shop, failed)])).map(why)).toEqual(['OK', 'OK', 'OK']);
    expect(await status(shop)).toBe('ACTIVE');
    expect((await world.events('payouts.resumed')).filter((event) => event['merchantId'] === shop.merchantId)).toMatchObject([
      { personId: shop.owner.id, resumedBy: shop.owner.id, payoutId: failed, last4: BANK_IBANS.closed.slice(-4) },
    ]);
    const trail = await merchants.terms.trail(shop.merchantId, { limit: 5, after: undefined });
    expect(trail).toMatchObject([{ action: 'PAYOUTS_RESUMED', actorId: shop.owner.id, after: { payoutAccount: 'ACTIVE' } }]);
    // It is tried again, the bank has not put it right, and it is held again; what was said of the payout before changes nothing.
    const again = await payOut(shop);
    expect(again).not.toBe(failed);
    expect(await status(shop)).toBe('HELD');
    expect(why(await resume(shop, failed))).toBe('OK');
    expect(await status(shop)).toBe('HELD');
    expect(await left(shop)).toEqual({ payoutId: again, resumptionsLeft: 2 });
    expect(await merchants.balance(shop, 'MERCHANT_PAYABLE')).toBe(10_000n);
  });

  it('do so three times in a row, and then another account must be named', async () => {
    const { shop, failed } = await heldShop();
    let last = failed;
    for (let time = 0; time < 3; time += 1) {
      expect(why(await resume(shop, last))).toBe('OK');
      last = await payOut(shop);
    }
    expect(await left(shop)).toEqual({ payoutId: last, resumptionsLeft: 0 });
    expect(why(await resume(shop, last))).toBe('RESUMED_TOO_OFTEN');
    expect(await status(shop)).toBe('HELD');
    expect(await merchants.setAccount(shop, 'settle')).toMatchObject({ ok: true });
    expect(why(await resume(shop, last))).toBe('NOT_HELD');
    expect(await left(shop)).toBeUndefined();
    await expect(world.rows('DELETE FROM payout_resumption')).rejects.toThrow('permission denied');
    await expect(world.asOwner('UPDATE payout_resumption SET "resumedAt" = now()')).rejects.toThrow('append-only');
  });

  it('are counted anew once the account has taken a payout and kept it', async () => {
    const { shop, failed } = await heldShop();
    expect(why(await resume(shop, failed))).toBe('OK');
    const failing = await payOut(shop);
    expect(await left(shop)).toEqual({ payoutId: failing, resumptionsLeft: 2 });
    // The bank opens the account again: what its mandate stands for is an account that is good from now on.
    const good = await merchants.shop(0);
    await merchants.setAccount(good, 'settle');
    const mandate = async ({ merchantId }: Shop) => (await world.rows('SELECT id, token FROM payout_account WHERE "merchantId" = $1', [merchantId]))[0] as { id: string; token: string };
    const { sealer } = world.app.services;
    const [ours, theirs] = [await mandate(shop), await mandate(good)];
    await world.rows('UPDATE payout_account SET token = $2 WHERE id = $1', [ours.id, sealer.seal(sealer.open(theirs.token, theirs.id), ours.id)]);
    expect(why(await resume(shop, failing))).toBe('OK');
    await payOut(shop);
    expect((await merchants.payouts(shop)).map((payout) => payout.status)).toEqual(['FAILED', 'FAILED', 'SETTLED']);
    // And closes it for good.
    await world.rows('UPDATE payout_account SET token = $2 WHERE id = $1', [ours.id, ours.token]);
    await merchants.earn(shop, 500n);
    const later = await payOut(shop);
    expect(await left(shop)).toEqual({ payoutId: later, resumptionsLeft: 3 });
  });

  it('are an owner\'s alone, and only where something is held', async () => {
    const { shop, failed } = await heldShop();
    const stranger = await world.signUp();
    for (const [person, expected] of [[shop.manager, 'NOT_ALLOWED'], [shop.cashier, 'NOT_ALLOWED'], [stranger, 'NOT_FOUND']] as const) {
      expect(why(await resume(shop, failed, { person }))).toBe(expected);
    }
    expect(why(await resume(shop, uuidv7()))).toBe('OTHER_PAYOUT');
    expect(why(await resume(shop, 'x'))).toBe('NOT_FOUND');
    expect(why(await resume({ ...shop, merchantId: 'x' }, failed))).toBe('NOT_FOUND');
    const other = await merchants.shop();
    expect(why(await resume({ ...other, owner: other.owner }, failed))).toBe('NO_PAYOUT_ACCOUNT');
    expect(await merchants.setAccount(other, 'settle')).toMatchObject({ ok: true });
    expect(why(await resume(other, failed))).toBe('NOT_HELD');
    expect(await status(shop)).toBe('HELD');
  });

  it('need the second factor of an owner who has one, for this payout and no other', async () => {
    const factor = secondFactorOf(world);
    const { shop, failed } = await heldShop();
    const owner = await factor.enrolled();
    const joined = { ...shop, owner };
    await merchants.tell(joined);
    expect(why(await resume(joined, failed))).toBe('STEP_UP_REQUIRED');
    const approved = async (payoutId: string): Promise<string> => {
      const { stepUp: { id } } = await factor.request(owner, { purpose: 'RESUME_PAYOUTS', payoutResumption: { merchantId: shop.merchantId, payoutId } });
      expect(codeOf(await factor.approve(owner, id, factor.freshCode(owner.secret)))).toBe('OK');
      return id;
    };
    expect(why(await resume(joined, failed, { stepUpId: await approved(uuidv7()) }))).toBe('STEP_UP_REQUIRED');
    expect(await status(shop)).toBe('HELD');
    expect(why(await resume(joined, failed, { stepUpId: await approved(failed) }))).toBe('OK');
    expect(await status(shop)).toBe('ACTIVE');
  });

  it('are still held by a merchant that is suspended', async () => {
    const { shop, failed } = await heldShop();
    await merchants.tell(shop, { status: 'SUSPENDED' });
    expect(why(await resume(shop, failed))).toBe('OK');
    expect(await payOut(shop)).toBe(failed);
    expect((await merchants.holds.of([shop.merchantId])).get(shop.merchantId)).toEqual({ reason: 'SUSPENDED' });
  });
});

describe('an account that is set under a key', () => {
  const accounts = ({ merchantId }: Shop) => world.rows('SELECT id, status FROM payout_account WHERE "merchantId" = $1 ORDER BY "createdAt"', [merchantId]);

  it('is set once, however often and at once it is sent, and answered alike', async () => {
    const [shop, key] = [await merchants.shop(), randomUUID()];
    const answers = await Promise.all(Array.from({ length: 4 }, () => merchants.setAccount(shop, 'settle', { key })));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ ok: true, payoutAccount: { status: 'ACTIVE', last4: '3000' } });
    expect(await merchants.setAccount(shop, 'settle', { key })).toEqual(answers[0]);
    expect(await accounts(shop)).toHaveLength(1);
    expect((await world.events('payout-account.changed')).filter((event) => event['merchantId'] === shop.merchantId)).toHaveLength(1);
    // Without one it is another wish each time, as it was for clients of before.
    expect(await merchants.setAccount(shop, 'settle')).toMatchObject({ ok: true });
    expect(await accounts(shop)).toHaveLength(2);
    expect(await merchants.setAccount(shop, 'settle', { key })).toMatchObject({ ok: false, refusals: [{ code: 'NOT_ALLOWED', reason: 'PAYOUT_ACCOUNT_REPLACED' }] });
    expect(await world.dump()).not.toContain(BANK_IBANS.settle);
  });

  it('does not take the key for another account, holder or merchant, nor a key that is none', async () => {
    const [shop, key] = [await merchants.shop(), randomUUID()];
    expect(await merchants.setAccount(shop, 'settle', { key })).toMatchObject({ ok: true });
    const reused = { ok: false, refusals: [{ code: 'IDEMPOTENCY_KEY_REUSED' }] };
    expect(await merchants.setAccount(shop, 'closed', { key })).toMatchObject(reused);
    expect(await merchants.setAccount(shop, 'settle', { key, holder: 'Another Ltd' })).toMatchObject(reused);
    expect(await merchants.setAccount(await merchants.shop(0, shop.owner), 'settle', { key })).toMatchObject(reused);
    expect(await merchants.setAccount(shop, 'settle', { key: '' })).toMatchObject({ ok: false, refusals: [{ code: 'INVALID_INPUT', reason: 'EMPTY' }] });
    expect(await accounts(shop)).toHaveLength(1);
  });

  it('knows the key again once the key of the seal has turned', async () => {
    const [shop, key] = [await merchants.shop(), randomUUID()];
    const first = await merchants.setAccount(shop, 'settle', { key });
    const { parts } = world.app.services.payoutAccounts as unknown as { parts: ConstructorParameters<typeof PayoutAccountService>[0] };
    const sealer = createSealer([{ id: 'next', key: randomBytes(32) }, ...world.settings.SEAL_KEYS]);
    const wish = { merchantId: shop.merchantId, iban: BANK_IBANS.settle, holderName: 'Shop Ltd', idempotencyKey: key };
    const turned = new PayoutAccountService({ ...parts, sealer });
    expect(await turned.set(callerOf(shop.owner), wish)).toEqual(first);
    expect(await turned.set(callerOf(shop.owner), { ...wish, holderName: 'Another Ltd' })).toMatchObject({ refusals: [{ code: 'IDEMPOTENCY_KEY_REUSED' }] });
  });

  it('leaves the key free where the second factor is asked for first', async () => {
    const factor = secondFactorOf(world);
    const owner = await factor.enrolled();
    const [shop, key] = [await merchants.shop(0, owner), randomUUID()];
    expect(await merchants.setAccount(shop, 'settle', { key })).toMatchObject({ ok: false, refusals: [{ code: 'STEP_UP_REQUIRED' }] });
    const payoutAccount = { merchantId: shop.merchantId, iban: BANK_IBANS.settle };
    const { stepUp: { id } } = await factor.request(owner, { purpose: 'SET_PAYOUT_ACCOUNT', payoutAccount });
    expect(codeOf(await factor.approve(owner, id, factor.freshCode(owner.secret)))).toBe('OK');
    const send = () => merchants.setAccount(shop, 'settle', { stepUpId: id, key });
    expect(await send()).toMatchObject({ ok: true });
    expect(await send()).toMatchObject({ ok: true });
    expect(await accounts(shop)).toHaveLength(1);
  });
});

it('a payout by hand that fails is let go on like any other', async () => {
  const { shop } = await heldShop();
  const byHand = await inTransaction(world.dataSource, (tx) => merchants.paying.payOutByHand(tx, { merchantId: shop.merchantId, currency: USD, amount: 1_000n }));
  if (!byHand.ok) throw new Error(JSON.stringify(byHand.refusals));
  expect(await ended(shop)).toBe(byHand.transactionId);
  expect(await left(shop)).toEqual({ payoutId: byHand.transactionId, resumptionsLeft: 3 });
  expect(why(await resume(shop, byHand.transactionId))).toBe('OK');
});
