import { randomUUID } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { verifyBooks } from '../src/ledger/verification.service';
import { bankOf } from './support/bank-world';
import { type NoticeWorld, type Payer, startNoticeWorld } from './support/notice-world';

let notices: NoticeWorld;
beforeAll(async () => {
  notices = await startNoticeWorld('accounts_charge_notices');
});
afterEach(async () => {
  const { checks } = await verifyBooks(notices.world.dataSource);
  expect(checks.flatMap((check) => check.examples)).toEqual([]);
});
afterAll(() => notices.end());

const balance = (payer: Payer) => bankOf(notices.world).balance(payer);
const statusOf = async (id: string) => (await notices.world.rows('SELECT status FROM top_up WHERE id = $1', [id]))[0]!['status'];
const settledEvents = async ({ id }: Payer) => (await notices.world.events('topup.settled')).filter(({ personId }) => personId === id);
const isKept = (topUpId: string, ...types: string[]) => eventually(
  async () => expect((await notices.notices(topUpId)).map(({ type }) => type)).toEqual(types), { timeoutMs: 15_000 });

describe('A19: the door of the card processor’s notices', () => {
  const data = () => ({ key: `topup-${randomUUID()}`, chargeId: 'c', status: 'succeeded', amount: '1', currency: 'USD', returned: null });
  const kept = async (id: string) => (await notices.world.rows('SELECT 1 FROM charge_notice WHERE id = $1', [id])).length;

  it('keeps a notice once, however often it comes, also at once', async () => {
    const id = randomUUID();
    const given = data();
    expect(await Promise.all(Array.from({ length: 10 }, () => notices.tell('charge.succeeded', given, { id })))).toEqual(Array(10).fill(204));
    expect(await kept(id)).toBe(1);
  });

  it.each<[string, Parameters<NoticeWorld['tell']>[2]]>([
    ['what was changed on its way', { sent: '{"type":"charge.succeeded","data":{"key":"topup-x"}}' }],
    ['one of six minutes ago', { timestamp: Math.floor(Date.now() / 1_000) - 360 }],
    ['one of in six minutes', { timestamp: Math.floor(Date.now() / 1_000) + 360 }],
    ['one that did not come through the gateway', { throughGateway: false }],
  ])('refuses %s, and keeps nothing', async (_what, change) => {
    const id = randomUUID();
    expect(await notices.tell('charge.succeeded', data(), { id, ...change })).toBe(401);
    expect(await kept(id)).toBe(0);
  });

  it('takes none that is larger than 16 KiB, or that cannot be read, and none of what nobody works off', async () => {
    const id = randomUUID();
    expect(await notices.tell('charge.succeeded', { ...data(), more: 'x'.repeat(17_000) }, { id })).toBe(413);
    expect(await notices.tell('charge.succeeded', { chargeId: 'c' }, { id })).toBe(400);
    expect(await notices.tell('payout.paid', data(), { id })).toBe(204);
    expect(await kept(id)).toBe(0);
  });
});

describe('a card whose charge is told of', () => {
  it('late: the top-up is pending until the notice, which settles it once', async () => {
    const payer = await notices.payer('late');
    const { id, status } = await notices.topUp(payer);
    expect(status).toBe('PENDING');
    await isKept(id, 'charge.succeeded');
    await notices.workOff();
    expect([await statusOf(id), await balance(payer)]).toEqual(['SETTLED', 2_500n]);
    expect(await settledEvents(payer)).toMatchObject([{ transactionId: id, amount: '2500', method: 'CARD', balanceAfter: '2500' }]);
    expect(await notices.notices(id)).toMatchObject([{ outcome: 'BOOKED' }]);
    // The loop of top-ups comes after, and finds nothing to do.
    await notices.world.app.services.topUps.resolvePending();
    expect(await balance(payer)).toBe(2_500n);
  }, 30_000);

  it('A19: twice in the same moment: it is one notice, and one booking', async () => {
    const payer = await notices.payer('twice');
    const { id, status } = await notices.topUp(payer);
    expect(status).toBe('SETTLED');
    await isKept(id, 'charge.succeeded');
    await notices.workOff();
    expect(await notices.notices(id)).toMatchObject([{ outcome: 'NOTHING_NEW' }]);
    expect([await balance(payer), (await settledEvents(payer)).length]).toEqual([2_500n, 1]);
  });

  it('as declined: the failure of before stays, and nothing moves', async () => {
    const payer = await notices.payer('decline');
    const { id, status } = await notices.topUp(payer);
    expect(status).toBe('FAILED');
    await isKept(id, 'charge.failed');
    await notices.workOff();
    expect(await notices.notices(id)).toMatchObject([{ outcome: 'NOTHING_NEW' }]);
    expect(await balance(payer)).toBe(0n);
  });

  it('A19: by somebody who has the key, and with a lie: what the processor answers counts', async () => {
    const payer = await notices.payer('accept');
    const { id } = await notices.topUp(payer);
    await isKept(id, 'charge.succeeded');
    expect(await notices.tell('charge.failed', { key: `topup-${id}`, chargeId: 'c', status: 'declined' })).toBe(204);
    await notices.workOff();
    expect((await notices.notices(id)).map(({ outcome }) => outcome)).toEqual(['NOTHING_NEW', 'NOTHING_NEW']);
    expect([await statusOf(id), await balance(payer)]).toEqual(['SETTLED', 2_500n]);
  });
});
