import { createHash } from 'node:crypto';
import { KeyExpiryService } from '../src/partners/key-expiry.service';
import { addKey, additionProof, type Bank, call, certify, invite, newBank, newPair, type Pair, registrationProof } from './partner-world';
import { nobody, operator, somebody, startSubject, type Subject } from './support';
import { must } from './webhook-world';

// Keys of banks that end: what a bank says of its end, that it is told before, once for each threshold, and what operators see. The clock is the service's own.

let subject: Subject;
let ahead = 0;
const now = (): Date => new Date(Date.now() + ahead);
const keys = (): KeyExpiryService => new KeyExpiryService({ dataSource: subject.dataSource, now });
beforeAll(async () => {
  subject = await startSubject('key_expiry');
});
beforeEach(() => {
  ahead = 0;
});
afterAll(() => subject?.stop());

const DAY = 86_400_000;
const secondsIn = (days: number): number => Math.floor((Date.now() + days * DAY) / 1_000);
const ending = (pair: Pair, days: number): Pair => ({ ...pair, jwk: { ...pair.jwk, exp: secondsIn(days) } as Pair['jwk'] });

async function tellAll(): Promise<void> {
  while ((await keys().tell(50)) > 0);
}
/** What a bank was told of, in order. */
const told = async ({ partnerId }: Pick<Bank, 'partnerId'>): Promise<any[]> => (await subject.events(partnerId))
  .filter(({ headers }) => headers['ce_type'] === 'partner.key-expiring').map(({ data }) => data);
const daysTold = async (bank: Pick<Bank, 'partnerId'>): Promise<unknown[]> => (await told(bank)).map(({ kid, days }) => `${kid} ${days}`);
async function seen(as = operator()): Promise<any[]> {
  const found: any[] = [];
  for (let after: string | null = null; ;) {
    const { endingPartnerKeys: page } = await must(subject, as, `query ($after: String) { endingPartnerKeys(first: 2, after: $after) {
      pageInfo { hasNextPage endCursor } edges { node { partnerId partnerName clientId kid expiresAt toldDays } } } }`, { after });
    found.push(...page.edges.map(({ node }: any) => node));
    if (!page.pageInfo.hasNextPage) return found;
    after = page.pageInfo.endCursor;
  }
}

it('are told of 30 days, 7 days and a day before, once each, and not when they have ended', async () => {
  const bank = await newBank(subject);
  const pair = ending(newPair(), 40);
  expect((await addKey(subject, bank, pair)).userErrors).toEqual([]);
  const steps: string[][] = [];
  for (const days of [9.9, 10.1, 10.2, 32.9, 33.1, 38.9, 39.1, 39.9, 40.1, 80]) {
    ahead = days * DAY;
    await tellAll();
    steps.push((await daysTold(bank)) as string[]);
  }
  const [of30, of7, of1] = [30, 7, 1].map((days) => `${pair.kid} ${days}`);
  expect(steps).toEqual([[], [of30], [of30], [of30], [of30, of7], [of30, of7], [of30, of7, of1], [of30, of7, of1], [of30, of7, of1], [of30, of7, of1]]);
  const [first] = await told(bank);
  expect(first).toMatchObject({ partnerId: bank.partnerId, clientId: bank.clientId, kid: pair.kid });
  expect(new Date(first.expiresAt).getTime()).toBe(Number((pair.jwk as any).exp) * 1_000);
});

it('are told of once, however many instances look at once, and by the nearest threshold where others were missed', async () => {
  const bank = await newBank(subject);
  const pairs = [5, 6, 0.5].map((days) => ending(newPair(), days));
  for (const pair of pairs) await addKey(subject, bank, pair);
  const done = await Promise.all(Array.from({ length: 6 }, () => keys().tell(50)));
  await tellAll();
  expect(done.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(3);
  expect((await daysTold(bank)).sort()).toEqual([`${pairs[0]!.kid} 7`, `${pairs[1]!.kid} 7`, `${pairs[2]!.kid} 1`].sort());
});

it('are told of again where the mark was not kept: event and mark are one transaction', async () => {
  const bank = await newBank(subject);
  const pair = ending(newPair(), 3);
  await addKey(subject, bank, pair);
  await subject.database.asOwner(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it died'; END $$;
    CREATE TRIGGER fail BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION fail()`);
  await expect(tellAll()).rejects.toThrow('it died');
  await subject.database.asOwner('DROP TRIGGER fail ON outbox; DROP FUNCTION fail()');
  expect(await daysTold(bank)).toEqual([]);
  await tellAll();
  expect(await daysTold(bank)).toEqual([`${pair.kid} 7`]);
});

it('that were retired, revoked or do not end are not told of', async () => {
  const bank = await newBank(subject);
  const [retired, endless] = [ending(newPair(), 5), newPair()];
  for (const pair of [retired, endless]) await addKey(subject, bank, pair);
  expect((await call(subject, bank.as, 'retirePartnerKey', { kid: retired.kid, reason: 'A test' })).userErrors).toEqual([]);
  await tellAll();
  expect(await told(bank)).toEqual([]);
  expect((await seen()).filter(({ partnerId }) => partnerId === bank.partnerId)).toEqual([]);
});

it('say in a JWK when they end, and are refused where that has been or is none', async () => {
  const bank = await newBank(subject);
  for (const exp of [secondsIn(-1), 1.5, '1900000000', 0, -5, 1e15, null]) {
    const pair = newPair();
    const refused = await addKey(subject, bank, { ...pair, jwk: { ...pair.jwk, exp } as any });
    expect([exp, refused.userErrors[0]?.code, refused.userErrors[0]?.field]).toEqual([exp, 'INVALID_INPUT', ['input', 'jwk']]);
  }
  const pair = ending(newPair(), 90);
  await addKey(subject, bank, pair);
  const { partner } = await must(subject, bank.as, '{ partner { clients { keys { kid expiresAt } } } }');
  const exp = Number((pair.jwk as any).exp);
  expect(partner.clients[0].keys).toEqual([{ kid: bank.pair.kid, expiresAt: null }, { kid: pair.kid, expiresAt: new Date(exp * 1_000).toISOString() }]);
  const changed = (await subject.events(bank.partnerId)).filter(({ headers }) => headers['ce_type'] === 'partner.changed').at(-1)!.data as any;
  expect(changed.clients[0].keys.map((key: any) => key.exp)).toEqual([undefined, exp]);
});

it('in a certificate end with it', async () => {
  const { partnerId, code } = await invite(subject);
  const pair = newPair();
  const certificate = certify(pair, { to: 6 * DAY });
  const kid = createHash('sha256').update(Buffer.from(certificate.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')).digest('base64url');
  const proof = await registrationProof({ ...pair, kid }, code);
  const { userErrors } = await call(subject, nobody, 'registerPartnerClient', { invitation: code, certificate, proof });
  expect(userErrors).toEqual([]);
  await tellAll();
  expect(await daysTold({ partnerId })).toEqual([`${kid} 7`]);
});

it('are seen by operators, those that end first before the others, also when they have ended; and by nobody else', async () => {
  const bank = await newBank(subject);
  const pairs = [20, 2, 29, 31].map((days) => ending(newPair(), days));
  for (const pair of pairs) await addKey(subject, bank, pair);
  ahead = 3 * DAY;
  await tellAll();
  ahead = 0;
  const own = (await seen()).filter(({ partnerId }) => partnerId === bank.partnerId);
  expect(own.map(({ kid, toldDays }) => [kid, toldDays])).toEqual([[pairs[1]!.kid, null], [pairs[0]!.kid, 30], [pairs[2]!.kid, 30]]);
  expect(own[0]).toMatchObject({ partnerName: 'First Bank', clientId: bank.clientId });
  for (const as of [somebody(), bank.as]) {
    const { errors } = await subject.ask(as, '{ endingPartnerKeys { edges { node { kid } } } }');
    expect(errors[0].extensions.code).toMatch(/FORBIDDEN|UNAUTHENTICATED/);
  }
  // Days that there are none of: some that JavaScript refuses, some that it takes and Postgres does not.
  for (const at of ['2026-13-45T99:99Z', '2026-02-30T00:00:00.000Z', '0000-01-01T00:00:00.000Z']) {
    const odd = Buffer.from(JSON.stringify([at, bank.clientId, 'k'])).toString('base64url');
    const { errors } = await subject.ask(operator(), '{ endingPartnerKeys(after: "' + odd + '") { edges { node { kid } } } }');
    expect([at, errors[0].extensions.code]).toEqual([at, 'BAD_USER_INPUT']);
  }
});

it('cannot be given by a proof of another key', async () => {
  const bank = await newBank(subject);
  const pair = ending(newPair(), 5);
  const refused = await call(subject, bank.as, 'addPartnerKey', { jwk: JSON.stringify(pair.jwk), proof: await additionProof(newPair(), bank.clientId) });
  expect(refused.userErrors[0].code).toBe('INVALID_INPUT');
});
