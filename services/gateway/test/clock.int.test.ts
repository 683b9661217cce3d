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
