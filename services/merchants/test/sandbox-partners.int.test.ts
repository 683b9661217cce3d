import { call, codes, invite, newBank, newPair, registerClient, texts } from './partner-world';
import { operator, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('sandbox_partners', { sandboxPartners: false });
});
afterAll(() => subject?.stop());

const reason = 'Reported by the bank';

/** A bank of the sandbox from before the platform was told to let none in. */
async function fromBefore(): Promise<string> {
  const { partnerId } = await newBank(subject, { environment: 'PRODUCTION' });
  await subject.database.asOwner(`UPDATE partner SET environment = 'SANDBOX' WHERE id = $1`, [partnerId]);
  return partnerId;
}

it('lets no bank of the sandbox in, and writes nothing of it', async () => {
  const payload = await call(subject, operator(), 'invitePartner', { name: 'Trying Bank', environment: 'SANDBOX', scopes: ['partner:read'], reason });
  expect(codes(payload)).toEqual(['input.environment NOT_ALLOWED']);
  expect(texts(payload)).toContain('sandbox');
  expect(payload).toMatchObject({ partner: null, invitation: null });
  const [{ count }] = await subject.dataSource.query(`SELECT count(*) FROM partner WHERE name = 'Trying Bank'`);
  expect(count).toBe(0n);
});

it('lets a bank of production in', async () => {
  expect(await invite(subject, { environment: 'PRODUCTION' })).toMatchObject({ code: expect.stringMatching(/^tpi_/) });
});

it('registers no client with a code from before, and says no more of it than of a code that is none', async () => {
  const [kept, out] = [await invite(subject, { environment: 'PRODUCTION' }), await invite(subject, { environment: 'PRODUCTION' })];
  await subject.database.asOwner(`UPDATE partner SET environment = 'SANDBOX' WHERE id = $1`, [out.partnerId]);
  const registered = async (code: string) => codes(await registerClient(subject, code, newPair()));
  expect(await registered(out.code)).toEqual(await registered('tpi_none'));
  expect(await registered(kept.code)).toEqual([]);
});

it('gives one that is here already no more codes, and does not let it back in once it was suspended', async () => {
  const partnerId = await fromBefore();
  expect(codes(await call(subject, operator(), 'renewPartnerInvitation', { partnerId, reason }))).toEqual(['input.partnerId NOT_ALLOWED']);
  expect(codes(await call(subject, operator(), 'resumePartner', { partnerId, reason }))).toEqual([]);
  expect((await call(subject, operator(), 'suspendPartner', { partnerId, reason })).partner.status).toBe('SUSPENDED');
  const refused = await call(subject, operator(), 'resumePartner', { partnerId, reason });
  expect(codes(refused)).toEqual(['input.partnerId NOT_ALLOWED']);
  expect(texts(refused)).toContain('sandbox');
});
