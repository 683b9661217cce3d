import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import {
  buildASTSchema, type GraphQLObjectType, getIntrospectionQuery, getNamedType, getOperationAST, isInputObjectType, isObjectType, parse, specifiedRules, validate,
} from 'graphql';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FIRST_QUERY } from '../src/graphiql/graphiql.page';
import { planCost } from '../src/limits/cost.analysis';
import { costOf } from '../src/limits/cost.plan';
import { DEAR_FIELDS, EXPECTED_ENTRIES } from '../src/limits/cost.weights';

const root = path.join(__dirname, '..', '..', '..');
const supergraph = parse(readFileSync(path.join(root, 'supergraph.graphql'), 'utf8'));
const schema = buildASTSchema(transformSupergraphToPublicSchema(supergraph), { assumeValid: true });

function cost(text: string, operationName?: string): number {
  const document = parse(text);
  expect(validate(schema, document, specifiedRules)).toEqual([]);
  return costOf(planCost(schema, document, getOperationAST(document, operationName)!), {});
}

test.each(Object.keys(EXPECTED_ENTRIES))('%s is a type of the graph', (name) => {
  expect(schema.getType(name)?.astNode?.kind).toBe('ObjectTypeDefinition');
});

test.each(Object.keys(DEAR_FIELDS))('%s is a field of the graph', (coordinates) => {
  const [type = '', field] = coordinates.split('.');
  const fields = (schema.getType(type) as GraphQLObjectType | undefined)?.getFields() ?? {};
  expect(Object.keys(fields)).toContain(field);
});

const fieldsOf = (name: string | undefined) => Object.values((schema.getType(name ?? '') as GraphQLObjectType | undefined)?.getFields() ?? {});

// Whoever adds such a field is told here that it needs a price.
test('every mutation that is sent a password has a price: it is hashed', () => {
  const sent = fieldsOf('Mutation').filter(({ args }) => args.some((arg) => {
    const type = getNamedType(arg.type);
    return isInputObjectType(type) && Object.keys(type.getFields()).some((field) => /password/i.test(field));
  }));
  expect(sent.map(({ name }) => name).sort()).toEqual(['beginTotp', 'changePassword', 'resetPassword', 'signIn', 'signUp']);
  for (const { name } of sent) expect(DEAR_FIELDS).toHaveProperty([`Mutation.${name}`]);
});

test('every field that gives a whole file has a price, itself or its content', () => {
  const types = Object.values(schema.getTypeMap()).filter((type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'));
  const files = new Set(types.filter((type) => 'content' in type.getFields()).map(({ name }) => name));
  expect([...files].sort()).toEqual(['DisputeDocument', 'MerchantDocument', 'StatementDocument']);
  const priced = (coordinates: string) => coordinates in DEAR_FIELDS;
  const free = types.flatMap((type) => Object.values(type.getFields())
    .filter((field) => files.has(getNamedType(field.type).name) && !priced(`${getNamedType(field.type).name}.content`))
    .map(({ name }) => `${type.name}.${name}`)).filter((coordinates) => !priced(coordinates));
  expect(free).toEqual([]);
});

test('the usual page of statements with their files fits, for a person and for a bank, and one of thirty does not', () => {
  const files = (first: number) => cost(`{ viewer { wallets { statements(first: ${first}) { edges { node { month document(format: CSV) { content } } } } } } }`);
  const own = (first: number) => cost(`{ viewer { wallet(currency: "USD") { statements(first: ${first}) { edges { node { month document(format: CAMT_053) { content } } } } } } }`);
  const bank = (first: number) => cost(`{ partnerAccount(number: "1", currency: "CZK") { balance { amount } statements(first: ${first}) { edges { node {
    month openingBalance { amount } credits { amount } debits { amount } closingBalance { amount } isFinal document(format: CAMT_053) { fileName content } } } } } }`);
  expect([own(20) < 2_500, bank(20) < 2_500]).toEqual([true, true]);
  expect([own(30) > 2_500, bank(30) > 2_500]).toEqual([true, true]);
  expect(files(12)).toBeGreaterThan(2_500);
});

test('every query of the README is far within the budget', () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const queries = [...readme.matchAll(/```graphql\n(.*?)```/gs)].map((match) => match[1]!);
  expect(queries.length).toBeGreaterThan(3);
  for (const query of queries) expect(cost(query)).toBeLessThan(250);
});

test('so are the first query of GraphiQL and its introspection', () => {
  expect(cost(FIRST_QUERY, 'Me')).toBeLessThan(50);
  expect(cost(getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true }))).toBe(100);
});
