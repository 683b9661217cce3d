import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, type GraphQLObjectType, getIntrospectionQuery, getOperationAST, parse, specifiedRules, validate } from 'graphql';
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
