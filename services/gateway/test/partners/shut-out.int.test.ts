import { eventually } from '@tael/testkit';
import { Bank, type PartnerGateway, startPartnerGateway } from './bank';

// What a bank may not, or may beyond others: keys and banks that are shut out, and the greatest cost of one operation.

let gateway: PartnerGateway;
beforeAll(async () => {
  gateway = await startPartnerGateway();
});
afterAll(() => gateway.close());

describe('what merchants has shut out is refused, whatever a token says and whenever it was got', () => {
  const statusOf = async (one: Bank, claims: object = {}) => (await one.ask(gateway, { token: await one.token(gateway, { claims: claims as never }) })).status;

  test('a key: what was got with another is good, and what does not say its key is left to accounts', async () => {
    const [one, other] = [await Bank.make(), await Bank.make()];
    gateway.subgraphs.revoked.keys.push({ clientId: one.clientId, kid: 'lost' });
    await eventually(async () => expect(await statusOf(one, { client_key: 'lost', iat: Math.floor(Date.now() / 1_000) + 20 })).toBe(401));
    expect([await statusOf(one, { client_key: 'kept' }), await statusOf(one), await statusOf(other, { client_key: 'lost' })]).toEqual([200, 200, 200]);
  });

  test('a partner, until it is let in again', async () => {
    const one = await Bank.make();
    expect(await statusOf(one)).toBe(200);
    gateway.subgraphs.revoked.suspended.push(one.partnerId);
    await eventually(async () => expect(await statusOf(one)).toBe(401));
    gateway.subgraphs.revoked.suspended.length = 0;
    await eventually(async () => expect(await statusOf(one)).toBe(200));
  });

  test('on while merchants is away', async () => {
    const one = await Bank.make();
    const token = (at: PartnerGateway) => one.token(at, { claims: { client_key: 'lost' } as never });
    const started = await startPartnerGateway();
    try {
      started.subgraphs.revoked.keys.push({ clientId: one.clientId, kid: 'lost' });
      await eventually(async () => expect((await one.ask(started, { token: await token(started) })).status).toBe(401));
      await started.subgraphs.all['merchants']!.stop();
      // It is asked some times meanwhile.
      for (const end = performance.now() + 300; performance.now() < end; ) expect((await one.ask(started, { token: await token(started) })).status).toBe(401);
    } finally {
      await started.close();
    }
  });
});

describe('the greatest cost of one operation', () => {
  const TWELVE = '{ partner { shops { id } } }';
  const DEAR = `{ ${Array.from({ length: 15 }, (_none, index) => `a${index}: partner { ${'shops { id } '.repeat(10)} }`).join(' ')} }`;
  const costOf = (answer: { status: number; body: any }) => (answer.body.data ? 'done' : (answer.body.errors[0].extensions.cost ?? answer.body.errors));

  test('is a partner’s own where its token says one, and another where it was changed since', async () => {
    const one = await Bank.make();
    const as = (rate: object) => one.token(gateway, { claims: { rate: { perSecond: 1_000, burst: 100_000, ...rate } } as never });
    const old = await as({ costMax: 11 });
    expect(costOf(await one.ask(gateway, { query: TWELVE, token: old }))).toEqual({ requested: 12, allowed: 11 });
    gateway.issuer.setRate(one.partnerId, { perSecond: 1_000, burst: 100_000, costMax: 12 }, Date.now() + 60_000);
    await eventually(async () => expect(costOf(await one.ask(gateway, { query: TWELVE, token: old }))).toBe('done'), { timeoutMs: 8_000 });
    gateway.issuer.setRate(one.partnerId, { perSecond: 1_000, burst: 100_000 }, Date.now() + 61_000);
    await eventually(async () => expect(costOf(await one.ask(gateway, { query: DEAR, token: old }))).toMatchObject({ allowed: 1_000 }), { timeoutMs: 8_000 });
  });

  test('may be more than everybody’s, and is nobody else’s', async () => {
    const [one, other] = [await Bank.make(), await Bank.make()];
    const token = await one.token(gateway, { claims: { rate: { perSecond: 1_000, burst: 100_000, costMax: 5_000 } } as never });
    expect(costOf(await one.ask(gateway, { query: DEAR, token }))).toBe('done');
    expect(costOf(await other.ask(gateway, { query: DEAR }))).toMatchObject({ allowed: 1_000 });
  });
});
