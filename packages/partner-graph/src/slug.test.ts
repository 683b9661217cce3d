import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSlug } from './slug';

const EXAMPLE = readFileSync(join(__dirname, '..', '..', '..', 'examples', 'partner-bank', 'subgraph', 'schema.graphql'), 'utf8');
const MACHINERY = 'scalar _Any union _Entity = Wallet type _Service { sdl: String } extend type Query { _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }';
const WALLET = 'type Wallet @key(fields: "id") { id: ID!';

describe('findSlug', () => {
  it.each<[string, string, string]>([
    ['the example bank', EXAMPLE, 'nordbank by Query.nordbank'],
    ['what a server adds by itself', `${EXAMPLE} ${MACHINERY}`, 'nordbank by Query.nordbank'],
    ['a root field that is never null', 'type Query { nordbank: NordbankBank! } type NordbankBank { name: String }', 'nordbank by Query.nordbank'],
    ['a root field that is a list', 'type Query { nordbank: [NordbankBank!]! } type NordbankBank { name: String }', 'nordbank by Query.nordbank'],
    ['a slug with digits', 'type Query { bank24: Bank24 } type Bank24 { name: String }', 'bank24 by Query.bank24'],
    // The rules say what is wrong with these, once it is known whose names they are.
    ['one field that breaks a rule', `type Query { nordbank: NordbankBank } type NordbankBank { name: String } ${WALLET} balance: Int }`, 'nordbank by Query.nordbank'],
    ['one more root field', 'type Query { nordbank: NordbankBank, viewer: NordbankBank } type NordbankBank { name: String }', 'nordbank by Query.nordbank'],
    ['a type that breaks a rule', 'type Query { nordbank: NordbankBank } type NordbankBank { name: Thing } type Thing { id: ID }', 'nordbank by Query.nordbank'],
    ['no root field', `${WALLET} nordbankCredit: NordbankCredit } type NordbankCredit { limit: String }`, 'nordbank by Wallet.nordbankCredit'],
    ['fields of scalars alone', `scalar Decimal ${WALLET} nordbankScore: Int, nordbankLimit: Decimal } type Merchant @key(fields: "id") { id: ID! name: String @external nordbankStars: Int }`, 'nordbank by Wallet.nordbankScore'],
    ['a root field of another name, where all else is of one', 'type Query { offers: NordbankOffers } type NordbankOffers { id: ID } enum NordbankKind { A }', 'nordbank by NordbankOffers'],
    ['an enum', 'enum NordbankKind { A }', 'nordbank by NordbankKind'],
  ])('%s', (_what, sdl, expected) => {
    const found = findSlug(sdl);
    expect(found.slug === undefined ? found.problem : `${found.slug} by ${found.place}`).toBe(expected);
  });

  it.each<[string, string, RegExp]>([
    ['two banks', 'type Query { nordbank: NordbankBank, sudbank: SudbankBank } type NordbankBank { id: ID } type SudbankBank { id: ID }', /no one word: Query\.nordbank, Query\.sudbank, NordbankBank, SudbankBank$/],
    ['names of two beginnings', `${WALLET} nordbankScore: Int, creditScore: Int }`, /no one word: Wallet\.nordbankScore, Wallet\.creditScore$/],
    ['more than are shown', `type A { id: ID } type B { id: ID } type C { id: ID } type D { id: ID } type E { id: ID } type F { id: ID }`, /no one word: A, B, C, D, E, …$/],
    ['one word that is no slug', 'type Ab { id: ID }', /no one word: Ab$/],
    ['nothing of a bank', `${WALLET} }`, /^no root field, type or field of yours is in the schema$/],
    ['no schema', 'type {', /^the schema cannot be read: Syntax Error/],
    ['nothing', '', /^the schema cannot be read/],
    ['a schema without an end', `# ${'x'.repeat(70_000)}`, /more than 65536 bytes/],
  ])('says why it cannot tell: %s', (_what, sdl, problem) => {
    const found = findSlug(sdl);
    expect(found).toMatchObject({ slug: undefined, problem: expect.stringMatching(problem) });
  });
});
