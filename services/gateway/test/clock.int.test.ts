import { eventually } from '@tael/testkit';
import { startGateway, type TestGateway } from './gateway';
import { newPerson } from './issuer';

const [HOUR, DAY] = [3_600_000, 86_400_000];

// The gateway has no database: it learns the time from accounts, which follows its own.
describe.each([
  ['before the gateway starts', true],
  ['while it runs', false],
])('F16: the clock of the machine jumps %s', (_when, isFromTheStart) => {
  let gateway: TestGateway;
  const off = { ms: 0 };
  beforeEach(() => (off.ms = 0));
  afterEach(() => gateway.close());

  test.each([['two days ahead', 2 * DAY], ['an hour behind', -HOUR]])('%s: good tokens are good, and those that have ended have', async (_what, ms) => {
    if (isFromTheStart) off.ms = ms;
    gateway = await startGateway({}, { pollMs: 40, clock: () => Date.now() + off.ms });
    await eventually(() => Promise.resolve(expect(gateway.issuer.endedAsked.length).toBeGreaterThan(0)));
    const seconds = Math.floor(Date.now() / 1_000);
    const person = newPerson();
    const good = await gateway.issuer.token(person);
    const ended = await gateway.issuer.token(person, { claims: { iat: seconds - 900, exp: seconds - 300 } });
    const early = await gateway.issuer.token(person, { claims: { iat: seconds + 300, exp: seconds + 900 } });
    off.ms = ms;
    // The first answer of accounts may still be on its way.
    await eventually(async () => expect(await gateway.ask('{ me }', { token: good })).toMatchObject({ status: 200, body: { data: { me: expect.anything() } } }));
    for (const token of [ended, early]) {
      const { status, body } = await gateway.ask('{ me }', { token });
      expect([status, body.errors?.[0]?.extensions['code']]).toEqual([401, 'UNAUTHENTICATED']);
    }
  });
});

// Accounts may have been away while a sandbox's time was moved: the first token of after it is asked about at once, and not in the turn of every other second.
test('a token that comes from a time that the gateway has not heard of is good as soon as accounts says so, and one from further ahead is refused', async () => {
  const gateway = await startGateway();
  try {
    await eventually(() => Promise.resolve(expect(gateway.issuer.endedAsked.length).toBeGreaterThan(0)));
    gateway.issuer.move(DAY);
    const good = await gateway.issuer.token(newPerson());
    const ahead = Math.floor((Date.now() + DAY) / 1_000) + 300;
    const early = await gateway.issuer.token(newPerson(), { claims: { iat: ahead, exp: ahead + 600 } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.ask('{ me }', { token: good })));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    // Twenty at once are one question or two, beside those in their turn.
    expect(gateway.issuer.endedAsked.length).toBeLessThanOrEqual(6);
    const { status, body } = await gateway.ask('{ me }', { token: early });
    expect([status, body.errors?.[0]?.extensions['code']]).toEqual([401, 'UNAUTHENTICATED']);
    gateway.issuer.away(true);
    expect((await gateway.ask('{ me }', { token: early })).status).toBe(401);
    expect((await gateway.ask('{ me }', { token: good })).status).toBe(200);
  } finally {
    await gateway.close();
  }
});
