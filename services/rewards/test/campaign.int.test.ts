import { v7 as uuidv7 } from 'uuid';
import {
  activeCampaign, change, createCampaign, entities, nobody, operator, payment, settled, somebody, startSubject, type Subject,
} from './support';

let now = new Date();
let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('campaign', () => now);
});
afterAll(() => subject?.stop());
beforeEach(() => {
  now = new Date();
});

const usd = (amount: string) => ({ amount, currency: 'USD' });
const CREATE = `mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) {
  campaign { name status startsAt endsAt budget { amount currency } spent { amount } } userErrors { code message field } } }`;
const LIST = `query ($first: Int, $after: String, $status: CampaignStatus) { campaigns(first: $first, after: $after, status: $status) {
  edges { node { id name status budget { amount } } } pageInfo { hasNextPage hasPreviousPage endCursor } } }`;
const valid = { name: 'Autumn', currency: 'USD', budget: usd('1000.00'), conditions: {}, cashback: { rateBasisPoints: 250 } };
const list = async (as = operator(), variables = {}) => (await subject.ask(as, LIST, { first: 100, ...variables })).data.campaigns;
const ids = (connection: any): string[] => connection.edges.map((edge: any) => edge.node.id);

describe('createCampaign', () => {
  it('stores a draft, for operators', async () => {
    const input = { ...valid, name: ' 秋季 ', startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2126-12-31T00:00:00.000Z' };
    const { data } = await subject.ask(operator(), CREATE, { input });
    expect(data.createCampaign).toEqual({
      campaign: {
        name: '秋季', status: 'DRAFT', startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2126-12-31T00:00:00.000Z',
        budget: usd('1000.00'), spent: { amount: '0.00' },
      },
      userErrors: [],
    });
  });

  it('tells every refusal with its field, in the language of the request, and stores nothing', async () => {
    const before = ids(await list()).length;
    const input = {
      ...valid, name: "'; DROP TABLE campaign; --".repeat(20), budget: { amount: '10.00', currency: 'EUR' },
      conditions: { merchantIds: ["1' OR '1'='1"] }, cashback: { rateBasisPoints: 0 },
    };
    const { data } = await subject.ask(somebody({ roles: ['OPERATOR'], locale: 'zh-CN' }), CREATE, { input });
    expect(data.createCampaign).toEqual({
      campaign: null,
      userErrors: [
        { code: 'INVALID_INPUT', message: '内容过长。', field: ['input', 'name'] },
        { code: 'CURRENCY_MISMATCH', message: '货币与活动不符。', field: ['input', 'budget', 'currency'] },
        { code: 'INVALID_INPUT', message: '这不是有效的标识。', field: ['input', 'conditions', 'merchantIds'] },
        { code: 'INVALID_INPUT', message: '数值超出范围。', field: ['input', 'cashback', 'rateBasisPoints'] },
      ],
    });
    expect(ids(await list()).length).toBe(before);
  });

  it.each([
    ['an end that has passed', () => ({ endsAt: new Date(now.getTime() - 1_000) }), ['input', 'endsAt'], 'The end must be in the future.'],
    [
      'a budget that never pays a pair of rewards',
      () => ({ cashback: null, budget: usd('7.99'), referralReward: { referrerReward: usd('5.00'), friendReward: usd('3.00') } }),
      ['input', 'budget', 'amount'], 'This number is out of range.',
    ],
  ])('refuses %s', async (_what, given, field, message) => {
    const { data } = await subject.ask(operator(), CREATE, { input: { ...valid, ...given() } });
    expect(data.createCampaign).toEqual({ campaign: null, userErrors: [{ code: 'INVALID_INPUT', message, field }] });
  });

  it.each([
    ['a customer', somebody(), 'FORBIDDEN'], ['nobody', nobody, 'UNAUTHENTICATED'],
  ])('is refused to %s, like activation and pause', async (_who, as, code) => {
    const draft = await createCampaign(subject, { cashback: { rateBasisPoints: 1 } });
    const answers = [
      await subject.ask(as, CREATE, { input: valid }), await change(subject, 'activate', draft, as), await change(subject, 'pause', draft, as),
    ];
    expect(answers.map((answer) => answer.errors[0].extensions.code)).toEqual([code, code, code]);
  });
});

describe('activation and pause', () => {
  it('go back and forth, answer again what is so already, and tell of each change once', async () => {
    const id = await createCampaign(subject, { cashback: { rateBasisPoints: 250 } });
    const draftPause = await change(subject, 'pause', id);
    expect(draftPause.data.pauseCampaign.userErrors).toMatchObject([{ code: 'NOT_ALLOWED', field: ['input', 'campaignId'] }]);
    for (const name of ['activate', 'activate', 'pause', 'pause', 'activate'] as const) {
      const answer = await change(subject, name, id);
      expect(answer.data[`${name}Campaign`]).toEqual({
        campaign: { id, status: name === 'activate' ? 'ACTIVE' : 'PAUSED' }, userErrors: [],
      });
    }
    const told = await subject.published('campaign.changed', (data) => data['campaignId'] === id);
    expect(told.map((data) => [data['version'], data['status']])).toEqual([[2, 'ACTIVE'], [3, 'PAUSED'], [4, 'ACTIVE']]);
    expect(told[0]).toMatchObject({ effect: 'CASHBACK', rateBasisPoints: 250, merchantIds: null });
  });

  it('survive being asked at once', async () => {
    const id = await createCampaign(subject, { feeWaiver: {}, conditions: { merchantIds: [uuidv7()] } });
    await Promise.all(Array.from({ length: 8 }, (_, index) => change(subject, index % 2 ? 'activate' : 'pause', id)));
    const told = await subject.published('fee-waiver.offered', (data) => data['campaignId'] === id);
    expect(told.map((data) => data['version'])).toEqual(told.map((_, index) => index + 2));
    const open = told.at(-1)!['activeTimes'].filter((time: any) => time.to === null);
    expect(open.length).toBeLessThanOrEqual(1);
  });

  it.each(['x', uuidv7(), `${uuidv7()}' OR TRUE --`])('know no campaign %s', async (id) => {
    const answer = await change(subject, 'activate', id);
    expect(answer.data.activateCampaign).toMatchObject({ campaign: null, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'campaignId'] }] });
  });

  it('are refused after the end', async () => {
    const id = await createCampaign(subject, { cashback: { rateBasisPoints: 1 }, endsAt: new Date(now.getTime() + 1_000).toISOString() });
    now = new Date(now.getTime() + 2_000);
    expect((await change(subject, 'activate', id)).data.activateCampaign.userErrors).toMatchObject([{ code: 'NOT_ALLOWED', message: 'The end of the campaign has passed.' }]);
  });
});

describe('the end', () => {
  it('shows at once, is told once however many instances look, and holds for payments by when they happened', async () => {
    const endsAt = new Date(now.getTime() + 60_000);
    const { id, merchantId } = await activeCampaign(subject, { feeWaiver: {}, endsAt: endsAt.toISOString() });
    now = new Date(endsAt.getTime() + 5_000);
    const [entity] = await entities(subject, somebody(), { __typename: 'Campaign', id });
    expect(entity.status).toBe('ENDED');
    expect(ids(await list(somebody()))).not.toContain(id);
    expect(ids(await list(operator(), { status: 'ENDED' }))).toContain(id);

    const noted = await Promise.all([1, 2, 3, 4].map(() => subject.services.campaigns.endDue('')));
    expect(noted.reduce((a, b) => a + b)).toBe(1);
    const offers = await subject.published('fee-waiver.offered', (data) => data['campaignId'] === id);
    expect(offers.map((offer) => offer['activeTimes'][0].to)).toEqual([null, endsAt.toISOString()]);

    const inTime = payment({ merchantId, occurredAt: new Date(endsAt.getTime() - 1) });
    const late = payment({ merchantId, occurredAt: endsAt });
    await subject.deliver(settled(inTime), settled(late));
    const asked = await subject.published('benefit.granted', (data) => data['campaignId'] === id);
    expect(asked.map((data) => data['sourceTransactionId'])).toEqual([inTime.transactionId]);
  });
});

describe('the trail', () => {
  const TRAIL = `query ($e: [_Any!]!, $first: Int, $after: String) { _entities(representations: $e) { ... on Campaign { auditTrail(first: $first, after: $after) {
    edges { node { action actorId before after reason at } } pageInfo { hasNextPage endCursor } } } } }`;
  const trail = async (id: string, as = operator(), page = {}) => (await subject.ask(as, TRAIL, { e: [{ __typename: 'Campaign', id }], first: 50, ...page })).data._entities[0].auditTrail;
  const told = async (id: string) => (await trail(id)).edges.map(({ node }: any) => node).map(({ at: _at, before, after, ...node }: any) => (
    { ...node, before: JSON.parse(before), after: JSON.parse(after) }));
  const act = (name: 'activate' | 'pause', campaignId: string, reason: string | undefined, as: ReturnType<typeof operator>) => subject.ask(as,
    `mutation ($input: ${name === 'activate' ? 'Activate' : 'Pause'}CampaignInput!) { done: ${name}Campaign(input: $input) { userErrors { code field } } }`, { input: { campaignId, reason } });

  it('says who did what, from what to what and why, once a change; and that its time was over', async () => {
    const [ada, bob] = [operator(), operator()];
    const endsAt = new Date(now.getTime() + 60_000);
    const made = await subject.ask(ada, CREATE.replace('campaign {', 'campaign { id'), { input: { ...valid, endsAt: endsAt.toISOString(), reason: ' For the autumn ' } });
    const { id } = made.data.createCampaign.campaign;
    for (const [name, reason, by] of [['activate', 'It begins', bob], ['activate', 'Again', ada], ['pause', undefined, ada], ['activate', 'Goes on', bob]] as const) {
      expect((await act(name, id, reason, by)).data.done.userErrors).toEqual([]);
    }
    now = new Date(endsAt.getTime() + 1_000);
    await Promise.all([subject.services.campaigns.endDue(''), subject.services.campaigns.endDue('')]);
    const [a, b] = [ada.principal!.personId, bob.principal!.personId];
    expect(await told(id)).toEqual([
      { action: 'ENDED', actorId: null, reason: null, before: { status: 'ACTIVE' }, after: { status: 'ENDED' } },
      { action: 'ACTIVATED', actorId: b, reason: 'Goes on', before: { status: 'PAUSED' }, after: { status: 'ACTIVE' } },
      { action: 'PAUSED', actorId: a, reason: null, before: { status: 'ACTIVE' }, after: { status: 'PAUSED' } },
      { action: 'ACTIVATED', actorId: b, reason: 'It begins', before: { status: 'DRAFT' }, after: { status: 'ACTIVE' } },
      { action: 'CREATED', actorId: a, reason: 'For the autumn', before: null, after: { status: 'DRAFT', name: 'Autumn', currency: 'USD', budget: '100000', effect: 'CASHBACK' } },
    ]);
    const first = await trail(id, operator(), { first: 2 });
    expect(first.pageInfo.hasNextPage).toBe(true);
    const rest = await trail(id, operator(), { first: 50, after: first.pageInfo.endCursor });
    expect(rest.edges.map(({ node }: any) => node.action)).toEqual(['PAUSED', 'ACTIVATED', 'CREATED']);
  });

  it('is for operators alone', async () => {
    const { id } = await activeCampaign(subject);
    expect(await trail(id, somebody())).toBeNull();
    expect((await trail(id)).edges).toHaveLength(2);
  });

  it('takes no reason that is none, and then nothing is done', async () => {
    const id = await createCampaign(subject, { cashback: { rateBasisPoints: 1 } });
    const refused = [{ code: 'INVALID_INPUT', field: ['input', 'reason'] }];
    expect((await act('activate', id, ' ', operator())).data.done.userErrors).toEqual(refused);
    expect((await act('activate', id, 'a'.repeat(501), operator())).data.done.userErrors).toEqual(refused);
    expect((await subject.ask(operator(), CREATE, { input: { ...valid, reason: '' } })).data.createCampaign).toMatchObject({ campaign: null, userErrors: refused });
    expect((await told(id)).map(({ action }: any) => action)).toEqual(['CREATED']);
  });

  it.each(['UPDATE campaign_audit SET reason = NULL', 'DELETE FROM campaign_audit', 'TRUNCATE campaign_audit'])('is never changed: %s', async (statement) => {
    await activeCampaign(subject);
    await expect(subject.dataSource.query(statement)).rejects.toThrow(/permission denied|append-only/);
  });
});

describe('campaigns', () => {
  it('come newest first, page by page, each once', async () => {
    const made = [];
    for (let n = 0; n < 5; n++) made.push((await activeCampaign(subject)).id);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await list(somebody(), { first: 2, after });
      expect(page.pageInfo.hasPreviousPage).toBe(after !== undefined);
      seen.push(...ids(page));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : undefined;
    } while (after);
    expect(seen.slice(0, 5)).toEqual([...made].reverse());
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('show everybody but operators the active ones, without budgets', async () => {
    const draft = await createCampaign(subject, { cashback: { rateBasisPoints: 1 } });
    const { id: active } = await activeCampaign(subject);
    const { id: paused } = await activeCampaign(subject);
    await change(subject, 'pause', paused);
    const mine = await list(somebody());
    expect(ids(mine)).toContain(active);
    expect(ids(mine)).not.toContain(draft);
    expect(ids(mine)).not.toContain(paused);
    expect(mine.edges.every((edge: any) => edge.node.budget === null)).toBe(true);
    expect(ids(await list(somebody(), { status: 'DRAFT' }))).toEqual([]);
    expect(ids(await list(operator(), { status: 'DRAFT' }))).toContain(draft);
    expect((await list(operator())).edges.find((edge: any) => edge.node.id === active).node.budget).toEqual({ amount: '1000.00' });

    const asked = [draft, paused, active, uuidv7(), 'x'].map((id) => ({ __typename: 'Campaign', id }));
    expect((await entities(subject, somebody(), ...asked)).map((one) => one?.id ?? null)).toEqual([null, paused, active, null, null]);
    expect((await entities(subject, operator(), asked[0]!))[0]).toMatchObject({ id: draft });
    expect((await entities(subject, nobody, asked[2]!))[0]).toBeNull();
  });

  it.each([[0], [101], [-1]])('refuse first: %i', async (first) => {
    const answer = await subject.ask(somebody(), LIST, { first });
    expect(answer.errors[0].extensions.code).toBe('BAD_USER_INPUT');
  });

  it('refuse a cursor that is none, and nobody', async () => {
    expect((await subject.ask(somebody(), LIST, { after: 'WzFd' })).errors[0].extensions.code).toBe('BAD_USER_INPUT');
    expect((await subject.ask(nobody, LIST)).errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});
