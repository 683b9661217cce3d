import { addKey, call, newBank, newPair } from './partner-world';
import { operator, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('partner_revocations');
});
afterAll(() => subject?.stop());

const PATH = '/.well-known/partner-revocations';
const ask = async (known = ''): Promise<any> => (await subject.get(`${PATH}?known=${encodeURIComponent(known)}`)).body;
const operate = (mutation: string, input: object) => call(subject, operator(), mutation, { ...input, reason: 'a test' });

it('tells of revoked keys and suspended partners in the moment that they are, once a version', async () => {
  const bank = await newBank(subject, { name: 'Told Bank' });
  const { partnerId, clientId, pair } = bank;
  const kept = newPair();
  await addKey(subject, bank, kept);
  const before = await ask();
  expect(before.revoked.keys).not.toContainEqual({ clientId, kid: pair.kid });
  expect(await ask(before.version)).toEqual({ version: before.version, revoked: null });
  await operate('revokePartnerKey', { partnerId, clientId, kid: pair.kid });
  const { version, revoked } = await ask(before.version);
  expect(revoked.keys).toContainEqual({ clientId, kid: pair.kid });
  expect(revoked.keys).not.toContainEqual({ clientId, kid: kept.kid });
  expect(revoked.suspended).not.toContain(partnerId);
  await operate('suspendPartner', { partnerId });
  const shut = await ask(version);
  expect(shut.revoked.suspended).toContain(partnerId);
  await operate('resumePartner', { partnerId });
  expect(await ask(version)).toEqual({ version, revoked: null });
});

it('tells of a key for a month, and of one that a bank has taken back itself', async () => {
  const bank = await newBank(subject, { name: 'Turning Bank' });
  await addKey(subject, bank, newPair());
  await call(subject, bank.as, 'retirePartnerKey', { kid: bank.pair.kid, reason: 'Yearly rotation' });
  const has = async () => (await ask()).revoked.keys.some(({ clientId, kid }: any) => clientId === bank.clientId && kid === bank.pair.kid);
  const since = (interval: string) => subject.dataSource.query(`UPDATE partner_key SET "revokedAt" = now() - $2::interval WHERE kid = $1`, [bank.pair.kid, interval]);
  expect(await has()).toBe(true);
  await since('29 days');
  expect(await has()).toBe(true);
  await since('31 days');
  expect(await has()).toBe(false);
});

it('tells nothing to who does not sign as a gateway does', async () => {
  expect((await subject.get(PATH, 'none')).status).toBe(401);
});
