import { eventually } from '@tael/testkit';
import { Bank, type PartnerGateway, seconds, startPartnerGateway } from './bank';

let gateway: PartnerGateway;
let bank: Bank;
beforeAll(async () => {
  gateway = await startPartnerGateway();
  gateway.issuer.holdsQuestions();
});
afterAll(() => gateway.close());
beforeEach(async () => {
  bank = await Bank.make();
  await bank.greet(gateway);
});

const WIDE = { perSecond: 1_000, burst: 100_000 };
// Nothing flows in while a test runs.
const NARROW = { perSecond: 0.001, burst: 5 };
/** A token says whole numbers. Two requests empty it. */
const NARROW_OF_TOKEN = { perSecond: 1, burst: 2 };

const issued = (rate: object, ago = 60): Promise<string> => bank.token(gateway, { claims: { iat: seconds() - ago, rate } as never });
const statusOf = async (token: string): Promise<number> => (await bank.ask(gateway, { token })).status;
/** What so many requests, one after another, are answered. */
async function statuses(token: string, count: number): Promise<number[]> {
  const seen: number[] = [];
  for (let n = 0; n < count; n++) seen.push(await statusOf(token));
  return seen;
}

describe('where the rate of a bank is changed', () => {
  test('to less, its old token is limited at once, and cannot bring its rate back', async () => {
    const token = await issued(WIDE);
    expect(await statuses(token, 8)).toEqual(Array(8).fill(200));
    gateway.issuer.setRate(bank.partnerId, NARROW);
    await eventually(async () => expect(await statusOf(token)).toBe(429), { timeoutMs: 8_000 });
    expect(await statuses(token, 3)).toEqual([429, 429, 429]);
    // Another of its tokens, younger and as well of before, is no way round it.
    expect(await statusOf(await issued(WIDE, 10))).toBe(429);
  });

  test('to more, its old token gets it', async () => {
    const token = await issued(NARROW_OF_TOKEN);
    await eventually(async () => expect(await statusOf(token)).toBe(429));
    gateway.issuer.setRate(bank.partnerId, WIDE);
    await eventually(async () => expect(await statuses(token, 10)).toEqual(Array(10).fill(200)), { timeoutMs: 8_000 });
  });

  test('and it has a token that was issued later, that one counts', async () => {
    const old = await issued(WIDE, 120);
    expect(await statusOf(old)).toBe(200);
    gateway.issuer.setRate(bank.partnerId, NARROW, Date.now() - 60_000);
    await eventually(async () => expect(await statusOf(old)).toBe(429), { timeoutMs: 8_000 });
    expect(await statusOf(await issued(WIDE, 0))).toBe(200);
    // Told again and again with its old instant, for a while.
    gateway.issuer.setRate((await Bank.make()).partnerId, NARROW);
    // The one after next is asked when the answer to the next has been taken in.
    const asked = gateway.issuer.endedAsked.length;
    await eventually(() => Promise.resolve(expect(gateway.issuer.endedAsked.length).toBeGreaterThan(asked + 1)), { timeoutMs: 8_000 });
    expect(await statuses(old, 8)).toEqual(Array(8).fill(200));
  });

  test('another bank is not touched', async () => {
    const other = await Bank.make();
    const [token, others] = [await issued(WIDE), await other.token(gateway, { claims: { iat: seconds() - 60 } })];
    gateway.issuer.setRate(bank.partnerId, NARROW);
    await eventually(async () => expect(await statusOf(token)).toBe(429), { timeoutMs: 8_000 });
    for (let n = 0; n < 8; n++) expect((await other.ask(gateway, { token: others })).status).toBe(200);
  });
});
