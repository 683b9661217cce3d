import { parse } from 'graphql';
import { createAnswerCheck } from './answer.check';

const HEAD = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

describe('the schema of a bank whose types are all written as extensions', () => {
  const check = createAnswerCheck(`${HEAD}
    extend type Query { nordbank: NordbankBank }
    extend type NordbankBank { mood: NordbankMood place: NordbankPlace thing: NordbankThing rank(by: NordbankBy): NordbankRank }
    extend enum NordbankMood { CALM }
    extend interface NordbankPlace { city: String }
    extend type NordbankBranch implements NordbankPlace { city: String }
    extend union NordbankThing = NordbankBranch
    extend input NordbankBy { name: String }
    extend scalar NordbankRank @specifiedBy(url: "https://bank.example/rank")`);
  const ask = (text: string, nordbank: unknown) => check({ document: parse(`{ nordbank { ${text} } }`) }, { nordbank });

  it.each([
    ['mood', { mood: 'CALM' }], ['place { city }', { place: { __typename: 'NordbankBranch', city: 'Oslo' } }],
    ['thing { ... on NordbankBranch { city } }', { thing: { __typename: 'NordbankBranch', city: 'Oslo' } }], ['rank(by: { name: "a" })', { rank: 3 }],
  ])('answers %s', async (text, given) => {
    expect((await ask(text, given)).problems).toEqual([]);
  });

  it('still lets nothing through that it does not say', async () => {
    expect(await ask('mood', { mood: 'ANGRY' })).toEqual({ data: { nordbank: { mood: null } }, problems: [expect.stringContaining('nordbank.mood')] });
  });
});

describe('ids of ours that the bank knows by names of its own', () => {
  const idOf = (typeName: string, name: string) => (typeName !== 'Wallet' ? name : name.startsWith('name-of-') ? name.slice(8) : null);
  const check = createAnswerCheck(`${HEAD}
    type Query { nordbank: NordbankBank }
    type NordbankBank { id: ID wallet: Wallet wallets: [Wallet!] shop: Merchant }
    type Wallet @key(fields: "id") { id: ID! nordbankNote: String }
    type Merchant @key(fields: "id", resolvable: false) { id: ID! }`);
  const ask = async (text: string, data: object, variables?: object) => (await check({ document: parse(text), variables: variables as never }, data, idOf)).data;

  it.each([
    ['one', '{ nordbank { wallet { id } } }', { wallet: { id: 'name-of-1' } }, { wallet: { id: '1' } }],
    ['of a list', '{ nordbank { wallets { id } } }', { wallets: [{ id: 'name-of-1' }, { id: 'name-of-2' }] }, { wallets: [{ id: '1' }, { id: '2' }] }],
    ['under another name in the answer', '{ nordbank { wallet { me: id } } }', { wallet: { me: 'name-of-1' } }, { wallet: { me: '1' } }],
    ['that was never given', '{ nordbank { wallet { id } } }', { wallet: { id: '1' } }, { wallet: null }],
    ['of what has none', '{ nordbank { id shop { id } } }', { id: 'name-of-1', shop: { id: 'name-of-1' } }, { id: 'name-of-1', shop: { id: 'name-of-1' } }],
  ])('are ours again: %s', async (_what, text, given, expected) => {
    expect(await ask(text, { nordbank: given })).toEqual({ nordbank: expected });
  });

  it('are ours again where the bank tells of what we asked for', async () => {
    const text = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Wallet { id nordbankNote } } }';
    const given = { _entities: [{ id: 'name-of-1', nordbankNote: 'a' }, null] };
    const r = [{ __typename: 'Wallet', id: 'name-of-1' }, { __typename: 'Wallet', id: 'name-of-2' }];
    expect(await ask(text, given, { r })).toEqual({ _entities: [{ id: '1', nordbankNote: 'a' }, null] });
  });
});
