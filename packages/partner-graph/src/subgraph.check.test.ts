import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { PARTNER_POLICY, VIOLATION_CODES, type ViolationCode } from './policy';
import { checkPartnerSubgraph, type PartnerSource } from './subgraph.check';

const SERVICES = join(__dirname, '..', '..', '..', 'services');
const own = ['accounts', 'merchants', 'rewards', 'notifications'].map((name) => ({
  name, sdl: readFileSync(join(SERVICES, name, 'schema.graphql'), 'utf8'),
}));

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@shareable", "@override"])\n';
const GOOD = `${LINK}
type Query { nordbank: NordbankBank }
type NordbankBank { name: String!, offers(first: Int = 10, after: String): NordbankOfferConnection! }
type NordbankOfferConnection { edges: [NordbankOfferEdge!]! }
type NordbankOfferEdge { cursor: String!, node: NordbankOffer! }
type NordbankOffer @key(fields: "id") { id: ID!, rate: Decimal!, kind: NordbankOfferKind!, wallet: Wallet }
enum NordbankOfferKind { LOAN SAVINGS @deprecated(reason: "none left") }
input NordbankOfferFilter { kind: NordbankOfferKind }
scalar Decimal
type Wallet @key(fields: "id") { id: ID!, nordbankCredit(filter: NordbankOfferFilter): NordbankOffer, nordbankScore: Int }
`;

const nordbank = (sdl: string): PartnerSource => ({ slug: 'nordbank', sdl });
const check = (sdl: string, partners: PartnerSource[] = []) => checkPartnerSubgraph({ own, partners, candidate: nordbank(sdl) });
const codesOf = (verdict: ReturnType<typeof check>): string[] => (verdict.ok ? [] : verdict.violations.map(({ code, place }) => (place ? `${code} ${place}` : code)));

describe('a subgraph of a bank', () => {
  it('that keeps every rule is in the graph with what the house has', () => {
    const verdict = check(GOOD);
    expect(codesOf(verdict)).toEqual([]);
    expect(verdict.ok && verdict.supergraph).toContain('nordbankCredit');
    expect(verdict.ok && verdict.supergraph).toContain('payMerchant');
  });

  // One line is changed or added; these reasons and no others are told.
  test.each<[string, (sdl: string) => string, string[]]>([
    ['has no words of a schema', () => 'type {', ['SYNTAX']],
    ['is empty', () => '', ['SYNTAX']],
    ['asks instead of telling', (sdl) => `${sdl} query { viewer { id } }`, ['SYNTAX']],
    ['is no federation 2', (sdl) => sdl.replace(LINK, ''), ['LINK schema']],
    ['links something else', (sdl) => sdl.replace('federation/v2.9', 'authenticated/v0.1'), ['LINK schema']],
    ['imports more', (sdl) => sdl.replace('"@external"', '"@requires"'), ['LINK schema']],
    ['imports under another name', (sdl) => sdl.replace('"@override"', '{ name: "@override", as: "@mine" }'), ['LINK schema']],
    ['names federation otherwise', (sdl) => sdl.replace('import:', 'as: "f", import:'), ['LINK schema']],
    ['links twice', (sdl) => LINK + sdl, ['LINK schema']],
    ['renames its root', (sdl) => `schema { query: NordbankBank }\n${sdl}`, ['LINK schema']],
    ['defines a directive', (sdl) => `${sdl} directive @mine on OBJECT`, ['DIRECTIVE @mine']],
    ['uses a directive of federation by its long name', (sdl) => sdl.replace('nordbankScore: Int', 'nordbankScore: Int @federation__override(from: "accounts")'), ['DIRECTIVE Wallet.nordbankScore']],
    ['hides', (sdl) => sdl.replace('name: String!', 'name: String! @inaccessible'), ['DIRECTIVE NordbankBank.name']],
    ['marks an argument', (sdl) => sdl.replace('after: String', 'after: String @tag(name: "partner")'), ['DIRECTIVE NordbankBank.offers(after:)']],
    ['marks a value', (sdl) => sdl.replace('LOAN', 'LOAN @tag(name: "partner")'), ['DIRECTIVE NordbankOfferKind.LOAN']],
    ['marks an input field', (sdl) => sdl.replace('kind: NordbankOfferKind }\nscalar', 'kind: NordbankOfferKind @tag(name: "x") }\nscalar'), ['DIRECTIVE NordbankOfferFilter.kind']],
    ['changes things', (sdl) => `${sdl} type Mutation { nordbankPay: Boolean }`, ['ROOT_OPERATION Mutation']],
    ['tells live', (sdl) => `${sdl} extend type Subscription { nordbank: Int }`, ['ROOT_OPERATION Subscription']],
    ['has another root field', (sdl) => sdl.replace('nordbank: NordbankBank', 'nordbank: NordbankBank, nordbankToo: NordbankBank'), ['ROOT_FIELD Query.nordbankToo']],
    ['takes a root field of ours', (sdl) => sdl.replace('nordbank: NordbankBank', 'nordbank: NordbankBank, viewer: NordbankBank'), ['ROOT_FIELD Query.viewer']],
    ['has a root that is never null', (sdl) => sdl.replace('nordbank: NordbankBank', 'nordbank: NordbankBank!'), ['ROOT_FIELD Query.nordbank']],
    ['has a root that is a list', (sdl) => sdl.replace('nordbank: NordbankBank', 'nordbank: [NordbankBank]'), ['ROOT_FIELD Query.nordbank']],
    ['gives our people at its root', (sdl) => sdl.replace('nordbank: NordbankBank', 'nordbank: Wallet'), ['ROOT_FIELD Query.nordbank']],
    ['has a type without its name', (sdl) => `${sdl} type Loan { id: ID }`, ['TYPE_NAME Loan']],
    ['adds a value to an enum of ours', (sdl) => `${sdl} extend enum TransactionKind { LOAN }`, ['TYPE_NAME TransactionKind']],
    ['has a scalar of its own without its name', (sdl) => `${sdl} scalar Json`, ['TYPE_NAME Json']],
    ['adds to people', (sdl) => `${sdl} type User @key(fields: "id") { id: ID!, nordbankScore: Int }`, ['TYPE_NOT_EXTENDABLE User']],
    ['adds to people by an extension', (sdl) => `${sdl} extend type User @key(fields: "email") { email: String! @external }`, ['TYPE_NOT_EXTENDABLE User']],
    ['makes a wallet something else', (sdl) => `${sdl} interface NordbankThing { id: ID! } extend type Wallet implements NordbankThing`, ['TYPE_NOT_EXTENDABLE Wallet']],
    ['makes a wallet an input', (sdl) => `${sdl} input Merchant { id: ID! }`, ['TYPE_NOT_EXTENDABLE Merchant']],
    ['adds a field without its name', (sdl) => sdl.replace('nordbankScore: Int', 'score: Int'), ['FIELD_NAME Wallet.score']],
    ['takes a field of ours', (sdl) => sdl.replace('nordbankScore: Int', 'currency: CurrencyCode'), ['FIELD_NAME Wallet.currency']],
    ['adds a field that is never null', (sdl) => sdl.replace('nordbankScore: Int', 'nordbankScore: Int!'), ['FIELD_NOT_NULLABLE Wallet.nordbankScore']],
    ['adds a list that is never null', (sdl) => sdl.replace('nordbankScore: Int', 'nordbankScores: [Int]!'), ['FIELD_NOT_NULLABLE Wallet.nordbankScores']],
    ['knows its own by a mail address', (sdl) => sdl.replace('type NordbankOffer @key(fields: "id") { id: ID!', 'type NordbankOffer @key(fields: "email") { id: ID!, email: String!'), ['KEY NordbankOffer']],
    ['knows its own by an id and more', (sdl) => sdl.replace('type NordbankOffer @key(fields: "id")', 'type NordbankOffer @key(fields: "id") @key(fields: "id rate")'), ['KEY NordbankOffer']],
    ['knows its own by a key in an extension', (sdl) => `${sdl} extend type NordbankBank @key(fields: "name")`, ['KEY NordbankBank']],
    ['knows a wallet by more', (sdl) => sdl.replace('type Wallet @key(fields: "id") { id: ID!', 'type Wallet @key(fields: "id currency") { id: ID!, currency: CurrencyCode! @external'), ['KEY Wallet', 'KEY Wallet.currency']],
    ['knows a wallet in two ways', (sdl) => sdl.replace('type Wallet @key(fields: "id")', 'type Wallet @key(fields: "id") @key(fields: "id", resolvable: false)'), ['KEY Wallet']],
    ['asks for more of a wallet', (sdl) => sdl.replace('nordbankScore: Int', 'nordbankScore: Int, balance: Int @external'), ['KEY Wallet.balance']],
    ['knows a wallet by another kind of id', (sdl) => sdl.replace('type Wallet @key(fields: "id") { id: ID!', 'type Wallet @key(fields: "id") { id: ID'), ['KEY Wallet.id']],
    ['takes a field over', (sdl) => sdl.replace('nordbankScore: Int', 'nordbankScore: Int @override(from: "accounts")'), ['OVERRIDE Wallet.nordbankScore']],
    ['shares the root', (sdl) => sdl.replace('type Query', 'type Query @shareable'), ['SHAREABLE Query']],
    ['shares a field of ours', (sdl) => sdl.replace('nordbankScore: Int', 'nordbankScore: Int @shareable'), ['SHAREABLE Wallet.nordbankScore']],
    ['costs no more by a longer page of flat things', (sdl) => sdl.replace('first: Int = 10', 'first: Int'), []],
    ['costs too much in two levels', (sdl) => sdl.replace('first: Int = 10', 'first: Int = 100').replace('rate: Decimal!', 'rate: Decimal!, more: [NordbankOffer!]'), ['COST Query.nordbank', 'COST Wallet.nordbankCredit']],
    ['is two things under one name', (sdl) => `${sdl} enum NordbankOffer { A }`, ['COMPOSITION']],
    ['does not compose', (sdl) => sdl.replace('kind: NordbankOfferKind!', 'kind: NordbankUnknown!'), ['COMPOSITION']],
  ])('that %s is told so', (_name, change, codes) => {
    const sdl = change(GOOD);
    expect(codesOf(check(sdl))).toEqual(codes);
  });

  it('may come with what its server prints of federation itself', () => {
    const printed = `${GOOD.replace('type Query {', 'type Query { _entities(representations: [_Any!]!): [_Entity]!, _service: _Service!,')}
      directive @link(url: String!, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
      directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
      directive @federation__requires(fields: federation__FieldSet!) on FIELD_DEFINITION
      enum link__Purpose { SECURITY EXECUTION } scalar link__Import scalar federation__FieldSet scalar _Any
      type _Service { sdl: String } union _Entity = NordbankOffer | Wallet`;
    expect(codesOf(check(printed))).toEqual([]);
    expect(codesOf(check(printed, [nordbank(printed)]))).toEqual([]);
  });

  it('without a root field is one that only adds to what is there', () => {
    expect(codesOf(check(`${LINK} type Query { _service: _Service! } type _Service { sdl: String } type Wallet @key(fields: "id") { id: ID!, nordbankScore: Int }`))).toEqual([]);
  });

  it('that is too large is not even read', () => {
    expect(codesOf(check(GOOD + '#'.repeat(PARTNER_POLICY.sdlBytesMax)))).toEqual(['SDL_TOO_LARGE']);
  });

  it('with too many types is told how many', () => {
    const more = Array.from({ length: PARTNER_POLICY.typesMax }, (_none, index) => `type NordbankMore${index} { id: ID }`).join('\n');
    expect(codesOf(check(GOOD + more))).toEqual(['TOO_MANY_TYPES']);
  });

  it('is told everything at once', () => {
    const sdl = GOOD.replace('nordbankScore: Int', 'score: Int!').replace('nordbank: NordbankBank', 'viewer: NordbankBank');
    expect(codesOf(check(sdl))).toEqual(['ROOT_FIELD Query.viewer', 'FIELD_NAME Wallet.score', 'FIELD_NOT_NULLABLE Wallet.score']);
  });

  it('that replaces its earlier one must not break who asks for that', () => {
    expect(codesOf(check(GOOD.replace(', nordbankScore: Int', ''), [nordbank(GOOD)]))).toEqual(['BREAKING_CHANGE']);
    expect(codesOf(check(GOOD.replace('nordbankScore: Int', 'nordbankScore: Int, nordbankMore: Int'), [nordbank(GOOD)]))).toEqual([]);
  });

  it('stands beside that of another bank', () => {
    const other = { slug: 'sudbank', sdl: GOOD.replaceAll('nordbank', 'sudbank').replaceAll('Nordbank', 'Sudbank') };
    const verdict = check(GOOD, [other]);
    expect(verdict.ok && verdict.supergraph).toContain('sudbankCredit');
  });

  test.each(['n', 'no', 'Nordbank', 'nord-bank', '1bank', 'a'.repeat(21), 'nord_bank', 'constructor'])('with the slug %s: what is allowed', (slug) => {
    const verdict = checkPartnerSubgraph({ own, candidate: { slug, sdl: GOOD } });
    expect(verdict.ok).toBe(false);
    expect(codesOf(verdict).includes(`SLUG ${slug}`)).toBe(slug !== 'constructor');
  });

  // Names that begin like names of the house, or like those of another bank.
  test.each([['wallet', []], ['user', []], ['merchant', []], ['viewer', []], ['nord', ['nordbank']], ['nordbanks', ['nordbank']]])('cannot have the slug %s beside %j', (slug, others) => {
    const sdl = GOOD.replaceAll('nordbank', slug).replaceAll('Nordbank', slug[0]!.toUpperCase() + slug.slice(1));
    const partners = others.map((other) => ({ slug: other, sdl: GOOD }));
    expect(codesOf(checkPartnerSubgraph({ own, partners, candidate: { slug, sdl } }))[0]).toBe(`SLUG ${slug}`);
  });

  test.each(['nordbank', 'nord', 'nordbanks'])('with the slug %s, where nordbank was another bank’s, is told no more than with a name of the house', (slug) => {
    const verdictOn = (wanted: string, taken: string[]) => {
      const sdl = GOOD.replaceAll('nordbank', wanted).replaceAll('Nordbank', wanted[0]!.toUpperCase() + wanted.slice(1));
      return checkPartnerSubgraph({ own, taken, candidate: { slug: wanted, sdl } });
    };
    expect(verdictOn(slug, [])).toMatchObject({ ok: true });
    const told = verdictOn(slug, ['nordbank']);
    expect(told.ok).toBe(false);
    expect(JSON.stringify(told).replaceAll(slug, 'merchant')).toBe(JSON.stringify(verdictOn('merchant', [])));
  });

  it('never throws, whatever stands in it', () => {
    const pieces = fc.constantFrom(...GOOD.split(/(?<=[\s{}()!:,])/), '@key(fields: 1)', 'interface Wallet', 'union Query = X', '"""', 'extend', '[[', 'null');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), fc.nat(), (some, at) => {
        const cut = at % GOOD.length;
        const verdict = check(GOOD.slice(0, cut) + some.join(' ') + GOOD.slice(cut));
        for (const { code } of verdict.ok ? [] : verdict.violations) expect(VIOLATION_CODES as readonly ViolationCode[]).toContain(code);
      }),
      { numRuns: 60 },
    );
  });
});
