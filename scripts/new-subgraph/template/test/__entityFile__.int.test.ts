import { create, labelsOf, nobody, somebody, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('__table__');
});
afterAll(() => subject?.stop());

const ONE = 'query ($id: ID!) { __entity__(id: $id) { id label origin } }';

describe('create__Entity__', () => {
  it('gives what was asked for, its owner alone', async () => {
    const owner = somebody();
    const { __entity__, userErrors } = await create(subject, owner, '  First  ');
    expect(userErrors).toEqual([]);
    expect(__entity__).toMatchObject({ label: 'First', origin: 'CREATED' });
    const { id } = __entity__;
    expect((await subject.ask(owner, ONE, { id })).data.__entity__).toEqual({ id, label: 'First', origin: 'CREATED' });
    expect((await subject.ask(somebody(), ONE, { id })).data.__entity__).toBeNull();
  });
  it('refuses a label by the rules, in the language of the request, and keeps nothing', async () => {
    const owner = { ...somebody(), locale: 'zh-CN' };
    const { __entity__, userErrors } = await create(subject, owner, '');
    expect(__entity__).toBeNull();
    expect(userErrors).toEqual([{ code: 'INVALID_INPUT', message: '此项不能为空。', field: ['input', 'label'] }]);
    expect(await labelsOf(subject, owner)).toEqual([]);
  });
  it.each([
    ['create__Entity__', 'mutation { create__Entity__(input: { label: "a" }) { __entity__ { id } } }'],
    ['__entity__', '{ __entity__(id: "1") { id } }'],
    ['__entities__', '{ __entities__ { edges { cursor } } }'],
  ])('asks for a session: %s', async (_what, query) => {
    expect((await subject.ask(nobody, query)).errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('__entities__', () => {
  it('come in pages, the oldest first, each once', async () => {
    const owner = somebody();
    for (const label of ['1', '2', '3']) await create(subject, owner, label);
    await create(subject, somebody(), 'of another');
    const query = `query ($after: String) { __entities__(first: 2, after: $after) {
      edges { node { label } } pageInfo { hasNextPage endCursor } } }`;
    const first = (await subject.ask(owner, query)).data.__entities__;
    expect(first).toMatchObject({
      edges: [{ node: { label: '1' } }, { node: { label: '2' } }],
      pageInfo: { hasNextPage: true },
    });
    const second = (await subject.ask(owner, query, { after: first.pageInfo.endCursor })).data.__entities__;
    expect(second).toMatchObject({ edges: [{ node: { label: '3' } }], pageInfo: { hasNextPage: false } });
  });
  it.each(['first: 0', 'first: 101', 'after: "nonsense"'])('refuse %s', async (argument) => {
    const answer = await subject.ask(somebody(), `{ __entities__(${argument}) { edges { cursor } } }`);
    expect(answer.errors[0].extensions.code).toBe('BAD_USER_INPUT');
  });
});

it('is found as an entity by its owner alone; a bad id is not found', async () => {
  const owner = somebody();
  const { __entity__ } = await create(subject, owner);
  const representations = [__entity__.id, 'no id'].map((id) => ({ __typename: '__Entity__', id }));
  const query = 'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on __Entity__ { label } } }';
  expect((await subject.ask(owner, query, { representations })).data._entities).toEqual([{ label: 'First' }, null]);
  for (const other of [somebody(), nobody])
    expect((await subject.ask(other, query, { representations })).data._entities).toEqual([null, null]);
});
