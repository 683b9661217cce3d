import { randomBytes } from 'node:crypto';
import { resealReport, resealStep } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import type { SealRing } from '@tael/platform/env';
import { createPartnerServices } from '../src/partners/partner.parts';
import { partnerResealTasks } from '../src/partners/partner.retell';
import { PartnerDocuments1764250000000 } from '../src/migrations/1764250000000-partner-documents';
import { Partners1764100000000 } from '../src/migrations/1764100000000-partners';
import { merchantsDataSource } from '../src/data-source';
import { addKey, call, invite, newBank, newPair, registerClient } from './partner-world';
import { operator, sealKeys, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('audit');
});
afterAll(() => subject?.stop());

const TRAIL = `query ($id: ID!, $first: Int, $after: String) { partnerById(id: $id) { auditTrail(first: $first, after: $after) {
  edges { node { at actorKind actorId action before after reason } } pageInfo { hasNextPage endCursor } } } }`;

async function trailOf(id: string, page: object = {}): Promise<any> {
  const { data, errors } = await subject.ask(operator(), TRAIL, { id, ...page });
  expect(errors).toBeUndefined();
  return data.partnerById.auditTrail;
}

it('tells every change of a partner: who, what, before, after and why, the newest first', async () => {
  const staff = operator();
  const bank = await newBank(subject, { name: 'Audited Bank' });
  const { partnerId, clientId, pair } = bank;
  const second = newPair();
  await addKey(subject, bank, second);
  await call(subject, bank.as, 'retirePartnerKey', { kid: pair.kid, reason: 'Yearly rotation' });
  await call(subject, staff, 'renewPartnerInvitation', { partnerId, reason: 'A second client' });
  await call(subject, staff, 'setPartnerRate', { partnerId, perSecond: 7, burst: 70, reason: 'Asked for more' });
  await call(subject, staff, 'suspendPartner', { partnerId, reason: 'Stolen laptop' });
  await call(subject, staff, 'suspendPartner', { partnerId, reason: 'Again' });
  await call(subject, staff, 'resumePartner', { partnerId, reason: 'Found' });
  await call(subject, staff, 'revokePartnerKey', { partnerId, clientId, kid: second.kid, reason: 'Seen elsewhere' });

  const { edges } = await trailOf(partnerId);
  const entries = edges.map(({ node }: any) => ({ ...node, before: JSON.parse(node.before ?? 'null'), after: JSON.parse(node.after ?? 'null') }));
  const person = { actorKind: 'PERSON', actorId: staff.principal!.personId };
  const client = { actorKind: 'PARTNER_CLIENT', actorId: clientId };
  expect(entries.reverse()).toMatchObject([
    { actorKind: 'PERSON', action: 'INVITED', before: null, after: { status: 'ACTIVE', environment: 'SANDBOX' }, reason: 'Contract 7' },
    { actorKind: 'INVITATION', action: 'CLIENT_REGISTERED', before: null, after: { clientId, kids: [pair.kid] } },
    { ...client, action: 'KEY_ADDED', before: null, after: { clientId, kid: second.kid } },
    { ...client, action: 'KEY_RETIRED', before: { kid: pair.kid, key: 'ACTIVE' }, after: { kid: pair.kid, key: 'REVOKED' }, reason: 'Yearly rotation' },
    { ...person, action: 'INVITATION_RENEWED', before: null, after: { scopes: expect.any(Array) }, reason: 'A second client' },
    { ...person, action: 'RATE_SET', before: { rate: { perSecond: 100, burst: 10_000 } }, after: { rate: { perSecond: 7, burst: 70 } }, reason: 'Asked for more' },
    { ...person, action: 'SUSPENDED', before: { status: 'ACTIVE' }, after: { status: 'SUSPENDED' }, reason: 'Stolen laptop' },
    { ...person, action: 'RESUMED', before: { status: 'SUSPENDED' }, after: { status: 'ACTIVE' }, reason: 'Found' },
    { ...person, action: 'KEY_REVOKED', before: { kid: second.kid, key: 'ACTIVE', client: 'ACTIVE' }, after: { key: 'REVOKED', client: 'REVOKED' }, reason: 'Seen elsewhere' },
  ]);
  expect(JSON.stringify(entries)).not.toContain('Audited Bank');
  // One entry for each event, and neither without the other.
  expect(await subject.events(partnerId)).toHaveLength(entries.length);
});

it('comes in pages, and holds nothing of another partner', async () => {
  const [{ partnerId }, other] = [await newBank(subject), await newBank(subject)];
  const first = await trailOf(partnerId, { first: 1 });
  const second = await trailOf(partnerId, { first: 1, after: first.pageInfo.endCursor });
  expect([first, second].map(({ edges }) => edges[0].node.action)).toEqual(['CLIENT_REGISTERED', 'INVITED']);
  expect([first, second].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, false]);
  expect((await trailOf(other.partnerId)).edges).toHaveLength(2);
});

it('keeps neither change nor event where its entry cannot be written', async () => {
  const { partnerId, code } = await invite(subject);
  await subject.database.asOwner('ALTER TABLE audit_entry ADD CONSTRAINT refuse_all CHECK (false) NOT VALID');
  const answer = await subject.ask(operator(), 'mutation ($id: ID!) { suspendPartner(input: { partnerId: $id, reason: "x" }) { partner { id } } }', { id: partnerId });
  await subject.database.asOwner('ALTER TABLE audit_entry DROP CONSTRAINT refuse_all');
  expect(answer.errors[0].extensions.code).toBe('INTERNAL_SERVER_ERROR');
  expect(await subject.events(partnerId)).toHaveLength(1);
  expect((await registerClient(subject, code, newPair())).userErrors).toEqual([]);
});

it.each([
  ['UPDATE audit_entry SET reason = $$no$$'],
  ['DELETE FROM audit_entry'],
  ['TRUNCATE audit_entry'],
])('refuses %s, to the service by its rights and to the owner by a trigger', async (statement) => {
  await invite(subject);
  await expect(subject.dataSource.query(statement)).rejects.toMatchObject({ code: '42501' });
  await expect(subject.database.asOwner(statement)).rejects.toThrow('audit_entry is append-only');
});

it.each([
  ['a private key', `UPDATE partner_key SET jwk = jwk || '{"d": "x"}'`, 'partner_key_public'],
  ['a revoked key without its instant', `UPDATE partner_key SET status = 'REVOKED'`, 'partner_key_revoked_when'],
  ['a key under another partner', `UPDATE partner_key SET "partnerId" = (SELECT p.id FROM partner p WHERE p.id <> "partnerId" LIMIT 1)`, 'partner_key_client'],
  ['a rate of nothing', `UPDATE partner SET "ratePerSecond" = 0`, 'partner_rate_positive'],
  ['a name of nothing', `UPDATE partner SET name = ''`, 'partner_name_length'],
])('the database refuses %s by itself', async (_what, statement, constraint) => {
  await newBank(subject);
  await expect(subject.database.asOwner(statement)).rejects.toMatchObject({ constraint });
});

it('A25: when the seal keys turn, each partner is told of once more, with the name sealed under the new key', async () => {
  const { partnerId } = await newBank(subject, { name: 'Turning Bank' });
  const used: SealRing = [{ id: 's2', key: randomBytes(32) }, ...sealKeys];
  const sealer = createSealer(used);
  const [task] = partnerResealTasks(sealer, createPartnerServices({ dataSource: subject.dataSource, sealer, now: () => new Date() }).changes);
  const left = async () => (await resealReport(subject.dataSource, [task!]))['partner.toldUnder'];
  expect((await left())!['s1']).toBeGreaterThan(0);
  while ((await resealStep(subject.dataSource, task!, 10)) > 0);
  expect(await left()).toBeUndefined();
  const events = await subject.events(partnerId);
  expect(events.map(({ data }) => data['version'])).toEqual([1, 2, 3]);
  const { name, version: _version, occurredAt: _at, ...state } = events[2]!.data;
  expect(createSealer([used[0]]).open(name as string, partnerId)).toBe('Turning Bank');
  expect(events[1]!.data).toMatchObject(state);
});

it('can be taken back', async () => {
  const owner = await merchantsDataSource({ url: subject.database.ownerUrl, poolSize: 1 }).initialize();
  const runner = owner.createQueryRunner();
  await runner.startTransaction();
  await new PartnerDocuments1764250000000().down(runner);
  await new Partners1764100000000().down(runner);
  expect(await runner.query(`SELECT to_regclass('partner') AS found`)).toEqual([{ found: null }]);
  await runner.rollbackTransaction();
  await runner.release();
  await owner.destroy();
});
