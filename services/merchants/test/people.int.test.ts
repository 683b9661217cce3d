import type { Identity } from '@tael/platform/identity';
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

async function invite(as: Identity, merchantId: string, role = 'CASHIER'): Promise<any> {
  return mutate(as, 'inviteMerchantPerson', { merchantId, role }, 'invitation { code role expiresAt }');
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
    const told = (await subject.events(merchantId)).at(-1)!.data;
    expect(told['version']).toBe(2);
    expect(told['people']).toEqual(expect.arrayContaining([idOf(owner), idOf(member)]));
    expect(told['roles']).toEqual(expect.arrayContaining([{ personId: idOf(owner), role: 'OWNER' }, { personId: idOf(member), role: 'CASHIER' }]));
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
    expect(await subject.events(merchant.id)).toHaveLength(2);
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
    const { invitation } = await invite(staff, merchant.id, 'OWNER');
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
  expect(await subject.events(merchantId)).toHaveLength(2);
  await mutate(owner, 'changeMerchantRole', { merchantId, personId: idOf(member).toUpperCase(), role: 'MANAGER' });
  expect((await subject.events(merchantId)).at(-1)!.data).toMatchObject({
    version: 3, roles: expect.arrayContaining([{ personId: idOf(member), role: 'MANAGER' }]),
  });
});

it('the people of a merchant are shown to nobody else', async () => {
  const { owner, merchantId } = await withMember('CASHIER');
  await subject.dataSource.query(`UPDATE merchant SET status = 'ACTIVE' WHERE id = $1`, [merchantId]);
  expect(await peopleOf(somebody(), merchantId)).toEqual({ people: null, viewerRole: null });
  expect((await peopleOf(owner, merchantId)).people).toHaveLength(2);
});
