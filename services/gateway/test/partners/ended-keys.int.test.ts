import { eventually } from '@tael/testkit';
import { Bank, type PartnerGateway, seconds, startPartnerGateway } from './bank';

let gateway: PartnerGateway;
let bank: Bank;
beforeAll(async () => {
  gateway = await startPartnerGateway();
});
afterAll(() => gateway.close());
beforeEach(async () => {
  bank = await Bank.make();
  await bank.greet(gateway);
});

const got = (kid: string | undefined, iat = seconds() - 60): Promise<string> =>
  bank.token(gateway, { claims: { iat, ...(kid === undefined ? {} : { client_key: kid }) } });
const statusOf = async (token: string): Promise<number> => (await bank.ask(gateway, { token })).status;
const refusedSoon = (token: string): Promise<void> => eventually(async () => expect(await statusOf(token)).toBe(401), { timeoutMs: 8_000 });

describe('where a key of a client ends', () => {
  test('a token that was got with it ends, and those of the other key go on without a gap', async () => {
    const [old, next] = [await got('old'), await got('next')];
    expect([await statusOf(old), await statusOf(next)]).toEqual([200, 200]);
    const justBefore = seconds() - 1;
    gateway.issuer.endKey(bank.clientId, 'old');
    const seen = new Set<number>();
    await eventually(async () => {
      seen.add(await statusOf(next));
      expect(await statusOf(old)).toBe(401);
    }, { timeoutMs: 8_000 });
    seen.add(await statusOf(next));
    // One of the very second too.
    seen.add(await statusOf(await got('next', seconds())));
    expect([...seen]).toEqual([200]);
    expect(await statusOf(await got('old', justBefore))).toBe(401);
  });

  test('a token that does not say its key ends with any: it is of an accounts of before', async () => {
    const token = await got(undefined);
    gateway.issuer.endKey(bank.clientId, 'old', Date.now() - 30_000);
    await refusedSoon(token);
    expect(await statusOf(await got(undefined, seconds()))).toBe(200);
  });

  test('a key of the same name of another client goes on', async () => {
    const other = await Bank.make();
    const [ending, staying] = [await got('same'), await other.token(gateway, { claims: { iat: seconds() - 60, client_key: 'same' } })];
    gateway.issuer.endKey(bank.clientId, 'same');
    await refusedSoon(ending);
    expect((await other.ask(gateway, { token: staying })).status).toBe(200);
  });
});

test('where a client ends its tokens end, whatever key they were got with', async () => {
  const tokens = [await got('old'), await got('next'), await got(undefined)];
  expect(await Promise.all(tokens.map(statusOf))).toEqual([200, 200, 200]);
  gateway.issuer.endClient(bank.clientId);
  for (const token of tokens) await refusedSoon(token);
});
