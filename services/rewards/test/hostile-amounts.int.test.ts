import { operator, startSubject, type Subject } from './support';

// A6: numbers that are none, too large, too fine or of another currency, in every place where a campaign takes one.
const usd = (amount: string) => ({ amount, currency: 'USD' });
const campaign = { name: 'Autumn', currency: 'USD', budget: usd('1000.00'), conditions: {} };
const referral = { referrerReward: usd('5.00'), friendReward: usd('3.00') };
/** Where a number stands: the campaign with it, and its field. */
type Place = readonly [where: string, inputWith: (value: unknown) => object, field: readonly string[]];

const AMOUNTS: readonly Place[] = [
  ['budget', (budget) => ({ ...campaign, budget, cashback: { rateBasisPoints: 250 } }), ['budget']],
  ['minimum', (minimumAmount) => ({ ...campaign, conditions: { minimumAmount }, cashback: { rateBasisPoints: 250 } }), ['conditions', 'minimumAmount']],
  ['maximum of cashback', (maximumPerPayment) => ({ ...campaign, cashback: { rateBasisPoints: 250, maximumPerPayment } }), ['cashback', 'maximumPerPayment']],
  ['maximum of a waiver', (maximumPerPayment) => ({ ...campaign, feeWaiver: { maximumPerPayment } }), ['feeWaiver', 'maximumPerPayment']],
  ['reward of who invites', (referrerReward) => ({ ...campaign, referralReward: { ...referral, referrerReward } }), ['referralReward', 'referrerReward']],
  ['reward of the friend', (friendReward) => ({ ...campaign, referralReward: { ...referral, friendReward } }), ['referralReward', 'friendReward']],
];
const NUMBERS: readonly Place[] = [
  ['rate', (rateBasisPoints) => ({ ...campaign, cashback: { rateBasisPoints } }), ['cashback', 'rateBasisPoints']],
  ['times a person', (maximumRewardsPerUser) => ({ ...campaign, conditions: { maximumRewardsPerUser }, feeWaiver: {} }), ['conditions', 'maximumRewardsPerUser']],
];
const HOSTILE = [
  '', ' ', ' 1.00', '1.00 ', '1 000', '1,00', '.5', '5.', '01', '+1', '-', '1e3', '1e309', '0x10', 'NaN', 'Infinity', '\u0661\u0662', '\uff11', '\u2212' + '1', '1.00\u0000', '1.00\n', '0.001', '1.000',
  '9007199254740993', '9223372036854775808', '10000000000000.01', '9'.repeat(64), '0', '0.00', '-0', '-1.00', '-0.01', "1'; DROP TABLE campaign; --",
];
const NO_TEXT = [1, 12.5, 0, -1, 2 ** 53, true, [], {}, '9'.repeat(65)];

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('hostile_amounts');
});
afterAll(() => subject?.stop());

async function create(input: object): Promise<string> {
  const { data, errors } = await subject.ask(
    operator(), 'mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) { campaign { id } userErrors { code field } } }', { input },
  );
  if (errors) return errors[0].extensions.code;
  const { userErrors } = data.createCampaign;
  return userErrors.length === 0 ? 'OK' : userErrors.map(({ code, field }: { code: string; field: string[] }) => `${code} ${field.slice(1).join('.')}`).join();
}
async function kept(): Promise<number> {
  const [row] = await subject.dataSource.query('SELECT (SELECT count(*) FROM campaign) + (SELECT count(*) FROM campaign_audit) + (SELECT count(*) FROM outbox) AS rows');
  return Number(row.rows);
}

it.each(AMOUNTS)('A6: the %s of a campaign is a good amount of its currency, or refused by its name, and leaves nothing', async (_where, inputWith, field) => {
  const before = await kept();
  const answers: [unknown, string][] = [];
  for (const amount of HOSTILE) answers.push([amount, await create(inputWith({ amount, currency: 'USD' }))]);
  expect(answers.filter(([, answer]) => answer !== `INVALID_INPUT ${[...field, 'amount'].join('.')}`)).toEqual([]);
  for (const amount of NO_TEXT) expect([amount, await create(inputWith({ amount, currency: 'USD' }))]).toEqual([amount, 'BAD_USER_INPUT']);
  for (const currency of ['EUR', 'JPY']) expect(await create(inputWith({ amount: '1', currency }))).toContain(`CURRENCY_MISMATCH ${[...field, 'currency'].join('.')}`);
  for (const currency of ['usd', 'XXX', '', '__proto__', '\uff35SD']) expect(await create(inputWith({ amount: '1', currency }))).toBe(`INVALID_INPUT ${[...field, 'currency'].join('.')}`);
  expect(await kept()).toBe(before);
  expect(await create(inputWith(usd('10.00')))).toBe('OK');
});

it.each(NUMBERS)('A6: the %s of a campaign is a whole number above zero, or refused, and leaves nothing', async (_where, inputWith, field) => {
  const before = await kept();
  for (const value of [0, -1, -2_147_483_648, 2_147_483_647]) expect([value, await create(inputWith(value))]).toEqual([value, `INVALID_INPUT ${field.join('.')}`]);
  for (const value of [1.5, 2 ** 31, 2 ** 53 + 2, 2 ** 63, 1e300, '1', '', 'NaN', true, {}]) expect([value, await create(inputWith(value))]).toEqual([value, 'BAD_USER_INPUT']);
  expect(await kept()).toBe(before);
  expect(await create(inputWith(1))).toBe('OK');
});
