import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import {
  buildASTSchema, getIntrospectionQuery, getNamedType, type GraphQLEnumType, type GraphQLInputObjectType, type GraphQLObjectType, type GraphQLSchema,
  isEnumType, isInputObjectType, isObjectType, parse,
} from 'graphql';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Answer } from '../gateway';
import { Bank, type PartnerGateway, startPartnerGateway } from './bank';

// The door as it stands in production, over the contract as it is committed: the stacks of e2e are sandboxes, where introspection is
// on. Nothing that is asked here reaches a subgraph, so whose subgraphs stand behind it does not matter.

const ROOT = path.join(__dirname, '..', '..', '..', '..');
const CONTRACT = path.join(ROOT, 'partner.supergraph.graphql');
const schemaOf = (file: string): GraphQLSchema =>
  buildASTSchema(transformSupergraphToPublicSchema(parse(readFileSync(file, 'utf8'))), { assumeValid: true });
const contract = schemaOf(CONTRACT);
const whole = schemaOf(path.join(ROOT, 'supergraph.graphql'));

const BUILT_IN = new Set(['String', 'Int', 'Float', 'Boolean', 'ID']);
const typesOf = (schema: GraphQLSchema) => Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__') && !BUILT_IN.has(name));
const objectsOf = (schema: GraphQLSchema) => typesOf(schema).filter((type): type is GraphQLObjectType => isObjectType(type));
const inputsOf = (schema: GraphQLSchema) => typesOf(schema).filter((type): type is GraphQLInputObjectType => isInputObjectType(type));
const enumsOf = (schema: GraphQLSchema) => typesOf(schema).filter((type): type is GraphQLEnumType => isEnumType(type));
const wordsOf = (schema: GraphQLSchema): string[] => [
  ...typesOf(schema).map(({ name }) => name),
  ...objectsOf(schema).flatMap((type) => Object.values(type.getFields()).flatMap((field) => [field.name, ...field.args.map(({ name }) => name)])),
  ...inputsOf(schema).flatMap((type) => Object.keys(type.getFields())),
  ...enumsOf(schema).flatMap((type) => type.getValues().map(({ name }) => name)),
];
const known = new Set(wordsOf(contract));
const SECRETS = new Set(wordsOf(whole).filter((word) => !known.has(word) && word.length > 3));

let gateway: PartnerGateway;
let bank: Bank;
beforeAll(async () => {
  gateway = await startPartnerGateway({ PARTNER_SUPERGRAPH_FILE: CONTRACT });
  bank = await Bank.make();
});
afterAll(async () => {
  // Whatever was asked, no subgraph has heard of it.
  expect(gateway.subgraphs.seen).toEqual([]);
  await gateway.close();
});

/** Asks, and looks through the answer: it helps nobody on, and has no word of the whole graph that the question did not have. */
async function ask(query: string): Promise<Answer> {
  const answer = await bank.ask(gateway, { query });
  const asked = new Set(query.match(/\w+/g));
  const told = (answer.text.match(/\w+/g) ?? []).filter((word) => SECRETS.has(word) && !asked.has(word));
  expect({ query, told, helped: /Did you mean/.test(answer.text), data: answer.body.data }).toEqual({ query, told: [], helped: false, data: undefined });
  return answer;
}

/** A name of the same length that means nothing. */
const nothing = (name: string): string => (/^[A-Z]/.test(name) ? 'Q' : 'q').padEnd(name.length, 'z');

/** What was answered to names that mean nothing, by the question: many hidden names have one length. */
const toNothing = new Map<string, Promise<Answer>>();

async function hides(name: string, questionOf: (name: string) => string): Promise<void> {
  const plain = ({ status, text }: Answer, word: string) => ({ status, text: text.replace(/"reference":"\w+"/g, '').replaceAll(word, 'NAME') });
  const meaningless = questionOf(nothing(name));
  toNothing.set(meaningless, toNothing.get(meaningless) ?? ask(meaningless));
  const [real, none] = [await ask(questionOf(name)), await toNothing.get(meaningless)!];
  expect({ name, ...plain(real, name) }).toEqual({ name, ...plain(none, nothing(name)) });
  expect(real.body.errors?.length).toBeGreaterThan(0);
}

/** So many names go into one question. */
const AT_ONCE = 10;
const chunks = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_none, index) => items.slice(index * AT_ONCE, (index + 1) * AT_ONCE));

const within = (type: string, selected: string): string =>
  type === 'Query' ? `{ ${selected} }` : type === 'Mutation' ? `mutation { ${selected} }` : `{ __typename ...F } fragment F on ${type} { ${selected} }`;

test('the whole graph has much that the contract has not', () => {
  expect([...SECRETS]).toEqual(expect.arrayContaining(['viewer', 'Wallet', 'auditTrail', 'signIn', 'transaction', 'invitePartner']));
  expect(SECRETS.size).toBeGreaterThan(300);
});

describe('introspection is off', () => {
  test.each([
    ['all of it', getIntrospectionQuery()], ['the types', '{ __schema { types { name } } }'], ['a type of the contract', '{ __type(name: "Partner") { fields { name } } }'],
    ['a hidden type', '{ __type(name: "Wallet") { name } }'], ['beside a field', '{ __typename __schema { queryType { name } } }'],
  ])('%s', async (_what, query) => {
    const answer = await ask(query);
    expect(answer.text).toContain('GraphQL introspection has been disabled');
    const asked = new Set(query.match(/\w+/g));
    expect((answer.text.replaceAll('"reference"', '').match(/\w+/g) ?? []).filter((word) => known.has(word) && word.length > 7 && !asked.has(word))).toEqual([]);
  });
});

describe('what is hidden is answered like what does not exist', () => {
  test.each(objectsOf(contract).map(({ name }) => [name]))('the fields of %s', async (name) => {
    const shown = (contract.getType(name) as GraphQLObjectType).getFields();
    for (const field of Object.keys((whole.getType(name) as GraphQLObjectType).getFields()).filter((one) => !(one in shown)))
      await hides(field, (selected) => within(name, selected));
  });

  test('types', async () => {
    const shown = new Set(typesOf(contract).map(({ name }) => name));
    const hidden = typesOf(whole).map(({ name }) => name).filter((name) => !shown.has(name));
    expect(hidden.length).toBeGreaterThan(100);
    for (const name of hidden) await hides(name, (type) => within(type, '__typename'));
  });

  test('arguments', async () => {
    const hidden = objectsOf(contract).flatMap((type) => Object.values((whole.getType(type.name) as GraphQLObjectType).getFields())
      .filter(({ name }) => name in type.getFields())
      .flatMap((field) => field.args.filter((arg) => !type.getFields()[field.name]!.args.some(({ name }) => name === arg.name)).map((arg) => [type.name, field.name, arg.name] as const)));
    for (const [type, field, name] of hidden) await hides(name, (arg) => within(type, `${field}(${arg}: 1)`));
  });
});

describe('a name that is nearly right is not helped on', () => {
  const near = (name: string): string => `${name.slice(0, -1)}${name.at(-1)}${name.at(-1)}`;

  test('fields and arguments', async () => {
    for (const type of objectsOf(contract)) {
      const fields = Object.values(type.getFields());
      const wrong = [...fields.map(({ name }) => near(name)), ...fields.flatMap(({ name, args }) => args.map((arg) => `${name}(${near(arg.name)}: 1)`))];
      for (const some of chunks(wrong)) expect((await ask(within(type.name, some.join(' ')))).body.errors!.length).toBeGreaterThanOrEqual(some.length);
    }
  });

  test('types', async () => {
    for (const some of chunks(typesOf(contract).map(({ name }) => near(name)))) {
      await ask(`{ __typename ${some.map((name) => `... on ${name} { __typename }`).join(' ')} }`);
      await ask(`query (${some.map((name, index) => `$v${index}: ${name}`).join(', ')}) { __typename }`);
    }
  });

  test('fields of inputs and values of enums', async () => {
    // Each as the argument of the first field that takes it.
    const places = objectsOf(contract).flatMap((type) => Object.values(type.getFields()).flatMap((field) => field.args.map((arg) => ({ type, field, arg }))));
    const literals: [string, string][] = [
      ...inputsOf(contract).flatMap((input) => Object.keys(input.getFields()).map((name): [string, string] => [input.name, `{ ${near(name)}: 1 }`])),
      ...enumsOf(contract).flatMap((type) => type.getValues().map(({ name }): [string, string] => [type.name, near(name)])),
    ];
    let tried = 0;
    for (const [named, literal] of literals) {
      const place = places.find(({ arg }) => getNamedType(arg.type).name === named);
      if (!place) continue;
      tried += 1;
      await ask(within(place.type.name, `${place.field.name}(${place.arg.name}: ${literal})`));
    }
    expect(tried).toBeGreaterThan(40);
  });
});
