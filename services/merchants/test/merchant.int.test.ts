import { fromMessage } from '@tael/events';
import { eventually } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { activate, nobody, operator, register, sealer, somebody, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('merchant');
});
afterAll(() => subject?.stop());

describe('registerMerchant', () => {
  it('gives a merchant that waits, and tells of it in the same transaction with the name sealed', async () => {
    const owner = somebody();
    const { merchant, userErrors } = await register(subject, owner, { name: '  Café Unique  ' });
    expect(userErrors).toEqual([]);
    expect(merchant).toEqual({
      id: expect.any(String),
      name: 'Café Unique',
      categoryCode: '5814',
      category: 'Fast Food Restaurants',
      currency: 'USD',
      status: 'PENDING',
    });
    const [message, ...more] = await subject.events(merchant.id);
    expect(more).toEqual([]);
    expect(JSON.stringify([message!.headers, message!.data])).not.toContain('Unique');
    const event = fromMessage(message as never);
    expect(event).toMatchObject({ type: 'merchant.changed', source: 'merchants' });
    expect(event.data).toMatchObject({
      merchantId: merchant.id,
      version: 1,
      status: 'PENDING',
      categoryCode: '5814',
      currency: 'USD',
      people: [owner.principal!.personId],
      feePlan: { id: 'standard', basisPoints: 80 },
    });
    expect(sealer.open((event.data as { name: string }).name, merchant.id)).toBe('Café Unique');
  });
  it('has nobody act for the merchant of an operator', async () => {
    const { merchant } = await register(subject, operator());
    expect((await subject.events(merchant.id))[0]!.data['people']).toEqual([]);
  });
  it('refuses all that is at fault at once, in the language of the request, and changes nothing', async () => {
    const count = () =>
      subject.dataSource.query('SELECT (SELECT count(*) FROM merchant) AS m, (SELECT count(*) FROM outbox) AS o');
    const before = await count();
    const { merchant, userErrors } = await register(subject, somebody(['CUSTOMER'], 'zh-CN'), {
      name: '',
      categoryCode: '0001',
      currency: 'usd',
    });
    expect(merchant).toBeNull();
    expect(userErrors).toEqual([
      { code: 'INVALID_INPUT', field: ['input', 'name'], message: '此项不能为空。' },
      { code: 'INVALID_INPUT', field: ['input', 'categoryCode'], message: '这不是有效的 ISO 18245 商户类别代码。' },
      { code: 'INVALID_INPUT', field: ['input', 'currency'], message: '这不是有效的 ISO 4217 货币。' },
    ]);
    expect(await count()).toEqual(before);
  });
  it.each([
    ['a NUL', 'a\u0000b'],
    ['SQL', `'); DROP TABLE merchant; --`],
    ['half a surrogate pair', 'a\ud800'],
    ['200,000 characters', 'x'.repeat(200_000)],
  ])('answers a name with %s, and stands', async (_what, name) => {
    const { merchant, userErrors } = await register(subject, somebody(), { name });
    expect(Boolean(merchant)).toBe(userErrors.length === 0);
    if (merchant) expect(merchant.name).toBe(name);
    expect((await register(subject, somebody())).userErrors).toEqual([]);
  });
  it('asks for a session', async () => {
    const query =
      'mutation { registerMerchant(input: { name: "a", categoryCode: "5814", currency: "USD" }) { merchant { id } } }';
    expect((await subject.ask(nobody, query)).errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('activateMerchant', () => {
  it('lets the merchant be paid, once; again it answers the same and tells nothing', async () => {
    const { merchant } = await register(subject, somebody());
    const first = await activate(subject, operator(), merchant.id);
    expect(first.data.activateMerchant).toEqual({ merchant: { ...merchant, status: 'ACTIVE' }, userErrors: [] });
    const second = await activate(subject, operator(), merchant.id);
    expect(second.data).toEqual(first.data);
    const events = await subject.events(merchant.id);
    expect(events.map((event) => [event.data['version'], event.data['status']])).toEqual([
      [1, 'PENDING'],
      [2, 'ACTIVE'],
    ]);
    expect(events[1]!.data['people']).toEqual(events[0]!.data['people']);
  });
  it('is told once, however many operators do it at once', async () => {
    const { merchant } = await register(subject, somebody());
    const holder = subject.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT 1 FROM merchant WHERE id = $1 FOR UPDATE', [merchant.id]);
    const answers = Array.from({ length: 5 }, () => activate(subject, operator(), merchant.id));
    await eventually(async () => {
      const [row] = await subject.dataSource.query(
        `SELECT count(*) AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(row.waiting).toBe(5n);
    });
    await holder.commitTransaction();
    await holder.release();
    const shown = (await Promise.all(answers)).map((answer) => JSON.stringify(answer.data));
    expect(new Set(shown).size).toBe(1);
    expect((await subject.events(merchant.id)).map((event) => event.data['version'])).toEqual([1, 2]);
  });
  it('lets a suspended merchant back in', async () => {
    const { merchant } = await register(subject, somebody());
    await subject.dataSource.query(`UPDATE merchant SET status = 'SUSPENDED', version = 5 WHERE id = $1`, [
      merchant.id,
    ]);
    expect((await activate(subject, operator(), merchant.id, 'Looked into')).data.activateMerchant.merchant.status).toBe('ACTIVE');
    expect((await subject.events(merchant.id)).at(-1)!.data['version']).toBe(6);
  });
  it.each([
    ['an unknown id', uuidv7()],
    ['an id that is none', 'x'],
    ['an empty id', ''],
    ['SQL', `' OR 1=1 --`],
  ])('with %s: NOT_FOUND', async (_what, id) => {
    const answer = await activate(subject, operator(), id);
    expect(answer.data.activateMerchant).toEqual({
      merchant: null,
      userErrors: [{ code: 'NOT_FOUND', message: expect.any(String), field: ['input', 'merchantId'] }],
    });
  });
  it('is for operators: FORBIDDEN for everybody else, also for a merchant of their own', async () => {
    const owner = somebody();
    const { merchant } = await register(subject, owner);
    expect((await activate(subject, owner, merchant.id)).errors[0].extensions.code).toBe('FORBIDDEN');
    expect((await activate(subject, nobody, merchant.id)).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    const [row] = await subject.dataSource.query('SELECT status, version FROM merchant WHERE id = $1', [merchant.id]);
    expect(row).toEqual({ status: 'PENDING', version: 1 });
  });
});

describe('who sees a merchant', () => {
  const one = (as: ReturnType<typeof somebody>, id: string) =>
    subject.ask(as, 'query ($id: ID!) { merchant(id: $id) { id status } }', { id });
  const entity = async (as: ReturnType<typeof somebody>, id: string) => {
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Merchant { id } } }';
    const answer = await subject.ask(as, query, { r: [{ __typename: 'Merchant', id }] });
    expect(answer.errors).toBeUndefined();
    return answer.data._entities[0]?.id ?? null;
  };

  it.each(['PENDING', 'ACTIVE', 'SUSPENDED'])('%s', async (status) => {
    const owner = somebody();
    const {
      merchant: { id },
    } = await register(subject, owner);
    await subject.dataSource.query('UPDATE merchant SET status = $2 WHERE id = $1', [id, status]);
    for (const [viewer, sees] of [
      [owner, true],
      [operator(), true],
      [somebody(), status === 'ACTIVE'],
    ] as const) {
      expect((await one(viewer, id)).data.merchant).toEqual(sees ? { id, status } : null);
      expect(await entity(viewer, id)).toBe(sees ? id : null);
    }
    expect((await one(nobody, id)).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(await entity(nobody, id)).toBeNull();
  });
  it('answers what one may not see like what does not exist', async () => {
    const { merchant } = await register(subject, somebody());
    const hidden = await one(somebody(), merchant.id);
    for (const id of [uuidv7(), 'x', '', '1; DROP TABLE merchant', merchant.id.slice(1)]) {
      expect(await one(somebody(), id)).toEqual(hidden);
    }
  });
  it('takes an id in capitals for the same', async () => {
    const owner = somebody();
    const {
      merchant: { id },
    } = await register(subject, owner);
    expect((await one(owner, id.toUpperCase())).data.merchant.id).toBe(id);
  });
  it('loads the references of one request by one statement', async () => {
    const owner = somebody();
    const ids = [];
    for (let n = 0; n < 3; n++) ids.push((await register(subject, owner)).merchant.id);
    const query = jest.spyOn(subject.dataSource, 'query');
    const representations = [...ids, ids[0], uuidv7(), 'x'].map((id) => ({ __typename: 'Merchant', id }));
    const answer = await subject.ask(
      owner,
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Merchant { id } } }',
      { r: representations },
    );
    const statements = query.mock.calls.length;
    query.mockRestore();
    expect(answer.data._entities.map((found: { id: string } | null) => found?.id ?? null)).toEqual([
      ...ids,
      ids[0],
      null,
      null,
    ]);
    expect(statements).toBe(1);
  });
});
