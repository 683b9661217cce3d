import { eventually } from '@tael/testkit';
import { newVerifiedMerchant } from './verified-merchant';
import { inboxOf, must, newPerson, operator, type Person } from './world';

// An operator, or somebody who has stolen the session of one, turns a shop to an accomplice. They can; nobody can do it unseen, nor be paid that day.

jest.setTimeout(120_000);

const DAY_MS = 86_400_000;
const IBAN = 'DE89370400440532013000';
const REASON = 'A story: asked for in writing';

async function mutate(by: Person, name: string, input: object, shown: string): Promise<any> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const answer = await by.client.request<any>(`mutation ($input: ${type}!) { ${name}(input: $input) { ${shown} userErrors { code field } } }`, { input });
  expect(answer.errors).toBeUndefined();
  return answer.data[name];
}

/** What somebody has been told of the shop's people and its payouts, by topic and title. */
const heardBy = async (person: Person) => (await inboxOf(person)).map(({ topic, title }: any) => `${topic}: ${title}`).filter((text: string) => /^(merchant-people|payout-account)\./.test(text)).sort();

it('tells the owner who is taken out of all of it, and holds the payouts to who took their place', async () => {
  const [shop, accomplice, staff] = await Promise.all([newVerifiedMerchant(), newPerson(), operator()]);
  const merchantId = shop.id;
  const { people } = (await must<any>(shop.owner.client, 'query ($id: ID!) { merchant(id: $id) { people { personId role } } }', { id: merchantId })).merchant;
  const [{ personId }] = people;
  const invite = (more: object) => mutate(staff, 'inviteMerchantPerson', { merchantId, role: 'OWNER', ...more }, 'invitation { code }');
  expect(await invite({})).toEqual({ invitation: null, userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'reason'] }] });
  const { invitation } = await invite({ reason: REASON });
  expect((await mutate(staff, 'joinMerchant', { code: invitation.code }, 'merchant { id }')).userErrors).toEqual([{ code: 'NOT_ALLOWED', field: ['input', 'code'] }]);
  expect((await mutate(accomplice, 'joinMerchant', { code: invitation.code }, 'merchant { viewerRole }')).merchant).toEqual({ viewerRole: 'OWNER' });
  expect((await mutate(staff, 'changeMerchantRole', { merchantId, personId, role: 'MANAGER', reason: REASON }, 'merchant { id }')).userErrors).toEqual([]);
  expect((await mutate(staff, 'removeMerchantPerson', { merchantId, personId, reason: REASON }, 'merchant { id }')).userErrors).toEqual([]);

  const holdFor = async (person: Person) => (await must<any>(person.client, 'query ($id: ID!) { merchant(id: $id) { payoutHold { reason } } }', { id: merchantId })).merchant.payoutHold;
  await eventually(async () => expect(await holdFor(shop.owner)).toBeNull(), { describe: 'accounts knows that the owner is none any more', timeoutMs: 30_000 });
  // It is the shop's first account, and waits all the same.
  const account = await mutate(accomplice, 'setPayoutAccount', { merchantId, iban: IBAN, holderName: 'Corner Coffee Ltd' },
    'payoutAccount { status usableFrom createdAt }');
  expect(account.userErrors).toEqual([]);
  const { usableFrom, createdAt } = account.payoutAccount;
  expect(Date.parse(usableFrom) - Date.parse(createdAt)).toBe(DAY_MS);
  expect(await holdFor(accomplice)).toEqual({ reason: 'WAITING' });

  await eventually(async () => expect(await heardBy(shop.owner)).toEqual([
    'merchant-people.changed: Who acts for your business changed',
    'merchant-people.changed: Your part in a business changed',
    'merchant-people.changed: Your part in a business changed',
    'payout-account.changed: Payouts go to another account',
  ]), { describe: 'the owner of before hears of all of it', timeoutMs: 30_000 });
  const told = await inboxOf(shop.owner);
  expect(told.find(({ topic }: any) => topic === 'payout-account.changed').body).toContain('of which you were an owner until lately');
  await eventually(async () => expect(await heardBy(accomplice)).toHaveLength(4), { describe: 'so does who took their place', timeoutMs: 30_000 });

  const TRAIL = 'query ($id: ID!) { merchant(id: $id) { auditTrail(first: 10) { edges { node { action reason } } } } }';
  const trail = (await must<any>(staff.client, TRAIL, { id: merchantId })).merchant.auditTrail.edges.map(({ node }: any) => node);
  for (const action of ['PERSON_INVITED', 'ROLE_CHANGED', 'PERSON_REMOVED']) expect(trail).toContainEqual({ action, reason: REASON });
});
