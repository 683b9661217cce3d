import type { Identity } from '@tael/platform/identity';
import { v7 as uuidv7 } from 'uuid';
import { activate, nobody, operator, register, somebody, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('merchants-list');
});
afterAll(() => subject?.stop());

const LIST = `query ($first: Int, $after: String, $search: String, $category: String) {
  merchants(first: $first, after: $after, search: $search, category: $category) {
    edges { cursor node { id name } } pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`;
const ask = (as: Identity, variables: object) => subject.ask(as, LIST, variables);
const names = async (as: Identity, variables: object): Promise<string[]> => {
  const answer = await ask(as, variables);
  expect(answer.errors).toBeUndefined();
  return answer.data.merchants.edges.map((edge: { node: { name: string } }) => edge.node.name);
};
const active = async (input: object): Promise<string> => {
  const { merchant } = await register(subject, somebody(), input);
  await activate(subject, operator(), merchant.id);
  return merchant.id;
};

it('pages through all in the order of registration, each once, also where one more comes meanwhile', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push(await active({ name: `Pager ${n}` }));
  const viewer = somebody();
  const seen: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < 3; page++) {
    const { data } = await ask(viewer, { first: 2, after, search: 'pager' });
    seen.push(...data.merchants.edges.map((edge: { node: { id: string } }) => edge.node.id));
    expect(data.merchants.pageInfo).toMatchObject({ hasNextPage: page < 2, hasPreviousPage: page > 0 });
    after = data.merchants.pageInfo.endCursor;
    if (page === 0) ids.push(await active({ name: 'Pager last' }));
  }
  expect(seen).toEqual(ids);
});

describe('a search', () => {
  it.each([
    ['in any case', 'Blue Bottle', 'bLUE b', true],
    ['of the middle', 'Kaffeehaus', 'ffeeh', true],
    ['in Chinese', '蓝瓶咖啡', '瓶咖', true],
    ['with case beyond ASCII', 'ÉTOILE', 'étoile', true],
    ['with a percent sign', 'Save 100% Store', '100% s', true],
    ['with a percent sign as a wildcard', 'Wild Horse', 'w%horse', false],
    ['with an underscore as a wildcard', 'Wilder', 'wil_er', false],
    ['with a backslash', 'Back\\Slash', 'k\\s', true],
    ['with a quote', `O'Neill's`, `o'neill`, true],
    ['of another text', 'Orange', 'lemon-tree', false],
  ])('%s', async (_what, name, search, found) => {
    await active({ name });
    expect((await names(somebody(), { search })).includes(name)).toBe(found);
  });
  it('takes an empty text for none, and refuses one that is too long', async () => {
    await active({ name: 'Anything' });
    expect(await names(somebody(), { search: '', first: 100 })).toContain('Anything');
    expect((await ask(somebody(), { search: 'x'.repeat(121) })).errors[0].extensions.code).toBe('BAD_USER_INPUT');
  });
  it.each(['a\u0000b', 'a\ud800'])('for text that no name can hold (%j) finds nothing', async (search) => {
    expect(await names(somebody(), { search })).toEqual([]);
  });
  it('shows what is not active to its people and to operators alone', async () => {
    const owner = somebody();
    await register(subject, owner, { name: 'Hidden Gem' });
    expect(await names(owner, { search: 'hidden gem' })).toEqual(['Hidden Gem']);
    expect(await names(operator(), { search: 'hidden gem' })).toEqual(['Hidden Gem']);
    expect(await names(somebody(), { search: 'hidden gem' })).toEqual([]);
  });
});

it('filters by category, and by category and text', async () => {
  await active({ name: 'Vet One', categoryCode: '0742' });
  await active({ name: 'Vet Two', categoryCode: '0742' });
  expect(await names(somebody(), { category: '0742' })).toEqual(['Vet One', 'Vet Two']);
  expect(await names(somebody(), { category: '0742', search: 'two' })).toEqual(['Vet Two']);
  expect(await names(somebody(), { category: '0001' })).toEqual([]);
});

it.each([
  ['first: 0', { first: 0 }],
  ['first: 101', { first: 101 }],
  ['first: -1', { first: -1 }],
  ['a category that is none', { category: '58a4' }],
  ['a cursor that is none', { after: 'x' }],
  ['a cursor of another list', { after: Buffer.from('["2026-01-01"]').toString('base64url') }],
  ['a cursor of two values', { after: Buffer.from(JSON.stringify([uuidv7(), 'x'])).toString('base64url') }],
])('refuses %s', async (_what, variables) => {
  expect((await ask(somebody(), variables)).errors[0].extensions.code).toBe('BAD_USER_INPUT');
});

it('asks for a session', async () => {
  expect((await ask(nobody, {})).errors[0].extensions.code).toBe('UNAUTHENTICATED');
});
