import type { Identity } from '@tael/platform/identity';
import { merchantsDataSource } from '../src/data-source';
import { OperatorsInvitations1795830000000 as OperatorsInvitations } from '../src/migrations/1795830000000-operators-invitations';
import { INVITATION_DAYS } from '../src/people/role.domain';
import { nobody, operator, register, somebody, startSubject, type Subject } from './support';

let subject: Subject;
let now = new Date();
beforeAll(async () => {
  subject = await startSubject('people', { now: () => now });
});
afterAll(() => subject?.stop());
beforeEach(() => {
  now = new Date();
});

const idOf = (somebodys: Identity): string => somebodys.principal!.personId;

async function mutate(as: Identity, name: string, input: object, shown = 'merchant { id }'): Promise<any> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const answer = await subject.ask(as, `mutation ($input: ${type}!) { ${name}(input: $input) { ${shown} userErrors { code field } } }`, { input });
  expect(answer.errors).toBeUndefined();
  return answer.data[name];
}

async function invite(as: Identity, merchantId: string, role = 'CASHIER', reason?: string): Promise<any> {
  return mutate(as, 'inviteMerchantPerson', { merchantId, role, reason }, 'invitation { code role expiresAt }');
}

/** What was told of one type about a merchant, oldest first. */
async function told(merchantId: string, type: 'merchant.changed' | 'merchant.people-changed'): Promise<Record<string, unknown>[]> {
  return (await subject.events(merchantId)).filter(({ headers }) => headers['ce_type'] === type).map(({ data }) => data);
}

const join = (as: Identity, code: string) => mutate(as, 'joinMerchant', { code });

async function peopleOf(as: Identity, id: string): Promise<any> {
  const { data } = await subject.ask(as, 'query ($id: ID!) { merchant(id: $id) { people { personId role } viewerRole } }', { id });
  return data.merchant;
}

/** A merchant and somebody who joined it in a role. */
async function withMember(role: string) {
  const owner = somebody();
  const member = somebody();
  const { merchant } = await register(subject, owner);
  const { invitation } = await invite(owner, merchant.id, role);
  expect((await join(member, invitation.code)).userErrors).toEqual([]);
  return { owner, member, merchantId: merchant.id as string };
}

const refusedWith = (code: string, field: string) => ({ userErrors: [{ code, field: ['input', field] }] });

describe('a code to join with', () => {
  it('makes one person act for the merchant, and tells it with their role in the same change', async () => {
    const { owner, member, merchantId } = await withMember('CASHIER');
    expect(await peopleOf(member, merchantId)).toEqual({
      people: expect.arrayContaining([{ personId: idOf(owner), role: 'OWNER' }, { personId: idOf(member), role: 'CASHIER' }]), viewerRole: 'CASHIER',
    });
    const newest = (await told(merchantId, 'merchant.changed')).at(-1)!;
    expect(newest['version']).toBe(2);
    expect(newest['people']).toEqual(expect.arrayContaining([idOf(owner), idOf(member)]));
    expect(newest['roles']).toEqual(expect.arrayContaining([{ personId: idOf(owner), role: 'OWNER' }, { personId: idOf(member), role: 'CASHIER' }]));
  });
  it('is kept as a hash alone', async () => {
    const owner = somebody();
    const { merchant } = await register(subject, owner);
    const { invitation } = await invite(owner, merchant.id);
    const rows = await subject.dataSource.query('SELECT i::text AS row FROM merchant_invitation i');
    expect(JSON.stringify(rows)).not.toContain(invitation.code.slice(0, 9));
  });
  it('is good once, of twenty who bring it at once', async () => {
    const owner = somebody();
    const { merchant } = await register(subject, owner);
    const { invitation } = await invite(owner, merchant.id);
    const answers = await Promise.all(Array.from({ length: 20 }, () => join(somebody(), invitation.code)));
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
    expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }: any) => code))).toEqual(Array(19).fill('WRONG_CODE'));
    expect((await peopleOf(owner, merchant.id)).people).toHaveLength(2);
  });
  it('answers the same person again, and changes nothing', async () => {
    const owner = somebody();
    const member = somebody();
    const { merchant } = await register(subject, owner);
    const { invitation } = await invite(owner, merchant.id);
    const first = await join(member, invitation.code.toLowerCase());
    expect(await join(member, invitation.code)).toEqual(first);
    expect(await told(merchant.id, 'merchant.changed')).toHaveLength(2);
    expect(await told(merchant.id, 'merchant.people-changed')).toHaveLength(1);
  });
  it('ends after seven days', async () => {
    const owner = somebody();
    const { merchant } = await register(subject, owner);
    const { invitation } = await invite(owner, merchant.id);
    now = new Date(now.getTime() + INVITATION_DAYS * 86_400_000);
    expect(await join(somebody(), invitation.code)).toMatchObject(refusedWith('WRONG_CODE', 'code'));
  });
  it('does nothing for who acts there already, and stays good for another', async () => {
    const owner = somebody();
    const { merchant } = await register(subject, owner);
    const { invitation } = await invite(owner, merchant.id);
    expect(await join(owner, invitation.code)).toMatchObject(refusedWith('ALREADY_EXISTS', 'code'));
    expect((await join(somebody(), invitation.code)).userErrors).toEqual([]);
  });
  it.each(['0000-0000-0000-0000-0000', 'nonsense', ''])('that is none is refused: %j', async (code) => {
    expect(await join(somebody(), code)).toMatchObject(refusedWith('WRONG_CODE', 'code'));
  });
  it('is refused to a merchant with fifty that wait', async () => {
    const owner = somebody();
    const { merchant } = await register(subject, owner);
    for (let n = 0; n < 50; n += 1) expect((await invite(owner, merchant.id)).userErrors).toEqual([]);
    expect(await invite(owner, merchant.id)).toMatchObject(refusedWith('LIMIT_EXCEEDED', 'merchantId'));
  });
  it('of somebody who was taken out since is good no longer', async () => {
    const { owner, member, merchantId } = await withMember('OWNER');
    const { invitation } = await invite(member, merchantId, 'OWNER');
    expect((await mutate(owner, 'removeMerchantPerson', { merchantId, personId: idOf(member) })).userErrors).toEqual([]);
    expect(await join(somebody(), invitation.code)).toMatchObject(refusedWith('WRONG_CODE', 'code'));
    expect(await peopleOf(member, merchantId)).toBeNull();
  });
});

describe('who may change the people', () => {
  it.each([['MANAGER', 'NOT_ALLOWED'], ['CASHIER', 'NOT_ALLOWED'], ['OWNER', undefined]])('%s: %s', async (role, code) => {
    const { owner, member, merchantId } = await withMember(role);
    const expected = code ? refusedWith(code, 'merchantId').userErrors : [];
    expect((await invite(member, merchantId)).userErrors).toEqual(expected);
    expect((await mutate(member, 'changeMerchantRole', { merchantId, personId: idOf(owner), role: 'MANAGER' })).userErrors).toEqual(expected);
    expect((await mutate(member, 'removeMerchantPerson', { merchantId, personId: idOf(owner) })).userErrors).toEqual(expected);
  });
  it('is nobody else: the merchant does not exist for them', async () => {
    const { owner, merchantId } = await withMember('MANAGER');
    const stranger = somebody();
    for (const id of [merchantId, '0196a000-0000-7000-8000-00000000dead', 'none']) {
      expect(await invite(stranger, id)).toMatchObject(refusedWith('NOT_FOUND', 'merchantId'));
      expect(await mutate(stranger, 'removeMerchantPerson', { merchantId: id, personId: idOf(owner) })).toMatchObject(refusedWith('NOT_FOUND', 'merchantId'));
    }
  });
  it('is an operator, who lets the first owner of a merchant in', async () => {
    const staff = operator();
    const owner = somebody();
    const { merchant } = await register(subject, staff);
    const { invitation } = await invite(staff, merchant.id, 'OWNER', 'Signed up at the fair');
    await join(owner, invitation.code);
    expect(await peopleOf(owner, merchant.id)).toEqual({ people: [{ personId: idOf(owner), role: 'OWNER' }], viewerRole: 'OWNER' });
  });
  it('asks for a session', async () => {
    const answer = await subject.ask(nobody, 'mutation { joinMerchant(input: { code: "x" }) { userErrors { code } } }');
    expect(answer.errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('the last owner', () => {
  it('stays, and keeps the role', async () => {
    const { owner, merchantId } = await withMember('MANAGER');
    const personId = idOf(owner);
    expect(await mutate(owner, 'removeMerchantPerson', { merchantId, personId })).toMatchObject(refusedWith('NOT_ALLOWED', 'personId'));
    expect(await mutate(owner, 'changeMerchantRole', { merchantId, personId, role: 'CASHIER' })).toMatchObject(refusedWith('NOT_ALLOWED', 'personId'));
  });
  it('is one of two who take each other out at once', async () => {
    const { owner, member, merchantId } = await withMember('OWNER');
    await Promise.all([
      mutate(owner, 'removeMerchantPerson', { merchantId, personId: idOf(member) }),
      mutate(member, 'removeMerchantPerson', { merchantId, personId: idOf(owner) }),
    ]);
    expect((await peopleOf(operator(), merchantId)).people).toHaveLength(1);
  });
});

it('a role that stays the same is told of no second time', async () => {
  const { owner, member, merchantId } = await withMember('CASHIER');
  expect((await mutate(owner, 'changeMerchantRole', { merchantId, personId: idOf(member), role: 'CASHIER' })).userErrors).toEqual([]);
  expect(await told(merchantId, 'merchant.changed')).toHaveLength(2);
  expect(await told(merchantId, 'merchant.people-changed')).toHaveLength(1);
  await mutate(owner, 'changeMerchantRole', { merchantId, personId: idOf(member).toUpperCase(), role: 'MANAGER' });
  expect((await told(merchantId, 'merchant.changed')).at(-1)).toMatchObject({
    version: 3, roles: expect.arrayContaining([{ personId: idOf(member), role: 'MANAGER' }]),
  });
});

it('the people of a merchant are shown to nobody else', async () => {
  const { owner, merchantId } = await withMember('CASHIER');
  await subject.dataSource.query(`UPDATE merchant SET status = 'ACTIVE' WHERE id = $1`, [merchantId]);
  expect(await peopleOf(somebody(), merchantId)).toEqual({ people: null, viewerRole: null });
  expect((await peopleOf(owner, merchantId)).people).toHaveLength(2);
});

describe('a change of the people', () => {
  const REASON = 'Asked for in writing';
  const sorted = (...who: Identity[]) => who.map(idOf).sort();
  const heard = async (merchantId: string) => (await told(merchantId, 'merchant.people-changed')).map(({ told: ids, ...rest }) => ({ ...rest, told: [...(ids as string[])].sort() }));

  it('is told to whom it is about and to every owner, those of before and those of after', async () => {
    const { owner, member, merchantId } = await withMember('MANAGER');
    const cashier = somebody();
    const { invitation } = await invite(owner, merchantId, 'CASHIER');
    await join(cashier, invitation.code);
    await mutate(owner, 'changeMerchantRole', { merchantId, personId: idOf(member), role: 'OWNER' });
    await mutate(member, 'changeMerchantRole', { merchantId, personId: idOf(owner), role: 'CASHIER' });
    await mutate(member, 'removeMerchantPerson', { merchantId, personId: idOf(owner) });
    const about = (who: Identity, by: Identity, roleBefore: string | null, role: string | null, to: string[]) => expect.objectContaining({
      changeId: expect.any(String), merchantId, personId: idOf(who), changedBy: idOf(by), roleBefore, role, told: to,
    });
    expect(await heard(merchantId)).toEqual([
      about(member, member, null, 'MANAGER', sorted(member, owner)),
      about(cashier, cashier, null, 'CASHIER', sorted(cashier, owner)),
      about(member, owner, 'MANAGER', 'OWNER', sorted(member, owner)),
      about(owner, member, 'OWNER', 'CASHIER', sorted(member, owner)),
      about(owner, member, 'CASHIER', null, sorted(member, owner)),
    ]);
  });

  it('that an operator makes by themselves is told to the owners whom it takes out', async () => {
    const [staff, accomplice] = [operator(), somebody()];
    const { owner, merchantId } = await withMember('CASHIER');
    const { invitation } = await invite(staff, merchantId, 'OWNER', REASON);
    await join(accomplice, invitation.code);
    await mutate(staff, 'removeMerchantPerson', { merchantId, personId: idOf(owner), reason: REASON });
    const [joined, removed] = (await heard(merchantId)).slice(-2);
    expect(joined).toMatchObject({ personId: idOf(accomplice), role: 'OWNER', told: sorted(accomplice, owner) });
    expect(removed).toMatchObject({ personId: idOf(owner), role: null, changedBy: idOf(staff), told: sorted(accomplice, owner) });
  });

  it.each(['inviteMerchantPerson', 'removeMerchantPerson', 'changeMerchantRole'])('%s by an operator wants a reason, and nothing is done without', async (name) => {
    const { member, merchantId } = await withMember('MANAGER');
    const input = { merchantId, ...(name === 'inviteMerchantPerson' ? {} : { personId: idOf(member) }), ...(name === 'removeMerchantPerson' ? {} : { role: 'OWNER' }) };
    const before = await subject.dataSource.query('SELECT "personId", role FROM merchant_person WHERE "merchantId" = $1 ORDER BY 1', [merchantId]);
    const shown = name === 'inviteMerchantPerson' ? 'invitation { code }' : undefined;
    for (const reason of [undefined, null, '', ' . ']) expect(await mutate(operator(), name, { ...input, reason }, shown)).toMatchObject(refusedWith('INVALID_INPUT', 'reason'));
    expect(await subject.dataSource.query('SELECT "personId", role FROM merchant_person WHERE "merchantId" = $1 ORDER BY 1', [merchantId])).toEqual(before);
    const staff = operator();
    expect((await mutate(staff, name, { ...input, reason: REASON }, shown)).userErrors).toEqual([]);
    const [entry] = await subject.dataSource.query('SELECT reason, "actorId" FROM audit_entry WHERE "subjectId" = $1 ORDER BY id DESC LIMIT 1', [merchantId]);
    expect(entry).toEqual({ reason: REASON, actorId: idOf(staff) });
  });

  it('is none that an operator makes of a merchant that they have a part in', async () => {
    const staff = operator();
    const { owner, merchantId } = await withMember('CASHIER');
    const { invitation } = await invite(owner, merchantId, 'CASHIER');
    expect((await join(staff, invitation.code)).userErrors).toEqual([]);
    const own = refusedWith('NOT_ALLOWED', 'merchantId');
    expect(await mutate(staff, 'changeMerchantRole', { merchantId, personId: idOf(staff), role: 'OWNER', reason: REASON })).toMatchObject(own);
    expect(await mutate(staff, 'removeMerchantPerson', { merchantId, personId: idOf(owner), reason: REASON })).toMatchObject(own);
    expect(await invite(staff, merchantId, 'OWNER', REASON)).toMatchObject(own);
  });

  it('is none of an operator who joins by what an operator made', async () => {
    const [staff, other] = [operator(), operator()];
    const { merchantId } = await withMember('CASHIER');
    const { invitation } = await invite(staff, merchantId, 'OWNER', REASON);
    for (const who of [staff, other, { ...staff, principal: { ...staff.principal!, roles: ['CUSTOMER' as const] } }])
      expect(await join(who, invitation.code)).toMatchObject(refusedWith('NOT_ALLOWED', 'code'));
    // It stays good for whom it was made.
    expect((await join(somebody(), invitation.code)).userErrors).toEqual([]);
  });
});

it('of codes that wait the migration finds in the trail whether an operator made them', async () => {
  const owner = somebody();
  const { merchant } = await register(subject, owner);
  const [theirs, operators] = [await invite(owner, merchant.id), await invite(operator(), merchant.id, 'OWNER', 'Asked for')];
  // As a service of before wrote it.
  await subject.database.asOwner('ALTER TABLE audit_entry DISABLE TRIGGER USER');
  await subject.database.asOwner(`UPDATE audit_entry SET reason = 'By an operator' WHERE reason = 'Asked for'`);
  await subject.database.asOwner('ALTER TABLE audit_entry ENABLE TRIGGER USER');
  const from = await merchantsDataSource({ url: subject.database.ownerUrl, poolSize: 1 }).initialize();
  const runner = from.createQueryRunner();
  await new OperatorsInvitations().down(runner);
  await new OperatorsInvitations().up(runner);
  await runner.release();
  await from.destroy();
  const staff = operator();
  expect(await join(staff, operators.invitation.code)).toMatchObject(refusedWith('NOT_ALLOWED', 'code'));
  expect((await join(staff, theirs.invitation.code)).userErrors).toEqual([]);
});
