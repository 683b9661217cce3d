import { randomUUID } from 'node:crypto';
import { PARTNER_SCOPES } from '@tael/platform/identity';
import {
  getNamedType, type GraphQLArgument, type GraphQLField, type GraphQLInputType, type GraphQLSchema, isEnumType, isInputObjectType, isListType, isNonNullType,
} from 'graphql';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { home } from '../stack';
import { anonymous, newPerson, operator } from '../world';
import { graph, operations, rules, withValue } from './documents';
import { HOSTILE, MARK } from './hostile';
import { nestedArguments } from './nested';
import { newBank } from './partner-bank';
import { contract } from './partner-contract';

// Every text that a client can put anywhere into the graph, made of the schema: it reaches no log as a line of its own, no
// statement as SQL and no template as code, and is refused or taken like any other text.

const LEAVES: Readonly<Record<string, unknown>> = {
  String: 'text', ID: randomUUID(), Int: 1, Float: 1, Boolean: false, Decimal: '1.00', CurrencyCode: 'USD', DateTime: '2031-01-01T00:00:00Z',
};

/** A value of an input type, with all that it can hold. */
function valueOf(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return valueOf(type.ofType);
  if (isListType(type)) return [valueOf(type.ofType)];
  if (isInputObjectType(type)) return Object.fromEntries(Object.values(type.getFields()).map((field) => [field.name, valueOf(field.type)]));
  return isEnumType(type) ? type.getValues()[0]!.name : LEAVES[type.name];
}

/** Where a text stands in an input type; custom scalars are texts on the wire too. */
function textsIn(type: GraphQLInputType, path: readonly string[]): { path: readonly string[]; list: boolean }[] {
  const named = getNamedType(type);
  if (isInputObjectType(named)) return Object.values(named.getFields()).flatMap((field) => textsIn(field.type, [...path, field.name]));
  const isText = typeof LEAVES[named.name] === 'string';
  return isText ? [{ path, list: isListType(isNonNullType(type) ? type.ofType : type) }] : [];
}

const takesText = (arg: GraphQLArgument): boolean => textsIn(arg.type, [arg.name]).length > 0;
/** What must be given, with values that are right by their types. */
const baseOf = (field: GraphQLField<unknown, unknown>): Record<string, unknown> =>
  Object.fromEntries(field.args.filter((arg) => isNonNullType(arg.type)).map((arg) => [arg.name, valueOf(arg.type)]));

interface Case {
  readonly place: string;
  /** The query or mutation that it is a part of. */
  readonly root: string;
  readonly document: string;
  readonly base: Record<string, unknown>;
  readonly path: readonly string[];
  readonly list: boolean;
}

/** Every text of a schema: in arguments that must be given and in those that need not, of operations and of the fields below them. */
function casesOf(schema: GraphQLSchema): Case[] {
  const own = operations({ schema, isWanted: takesText }).filter(({ kind }) => kind !== 'subscription').flatMap(({ place, field, document }) =>
    field.args.filter(takesText).flatMap((arg) => textsIn(arg.type, [arg.name]).map((text) => ({ place, root: place, document, base: baseOf(field), ...text }))));
  const nested = nestedArguments(schema, takesText).flatMap(({ place, root, rootField, type, document }) =>
    textsIn(type, ['nested']).map((text) => ({ place, root, document, base: baseOf(rootField), ...text })));
  return [...own, ...nested];
}

const cases = casesOf(graph);
const partnerCases = casesOf(contract);

const logs = (): string[] => readdirSync(join(home, 'logs')).map((name) => join(home, 'logs', name)).filter((file) => statSync(file).isFile());

it('A18: finds the texts of the graph at all', () => {
  const places = new Set(cases.map(({ place }) => place));
  expect(places.has('Mutation.signUp') && places.has('Mutation.payMerchant') && places.has('Mutation.createCampaign')).toBe(true);
  expect(cases.length).toBeGreaterThan(200);
  const paths = new Set(cases.map(({ place, path }) => `${place} ${path.join('.')}`));
  // One that need not be given, and one of a field below.
  expect([...paths]).toEqual(expect.arrayContaining(['Mutation.payMerchant input.description', 'User.transactions(after) nested']));
  expect(partnerCases.length).toBeGreaterThan(30);
});

/** What no answer may say, whatever it was asked with. */
const faultsOf = ({ place, path }: Case, errors: readonly { message: string; extensions?: Record<string, unknown> }[] = []): string[] => errors.flatMap((error) => {
  const code = String(error.extensions?.['code']);
  const isFault = code === 'INTERNAL_SERVER_ERROR' || /SELECT|syntax error|pg_|node_modules/.test(error.message);
  return isFault ? [`${place} ${path.join('.')}: ${code} ${error.message}`] : [];
});

const hostileOf = ({ base, path, list }: Case, hostile: string) => withValue(base, path, list ? [hostile] : hostile);

it.each(Object.entries(HOSTILE))('A18: %s in every text of every operation is refused or kept as text', async (_what, hostile) => {
  const [person, staff] = [await newPerson(), await operator()];
  const faults: string[] = [];
  for (const one of cases) {
    const client = { anybody: anonymous, 'signed-in': person.client, operators: staff.client, partners: staff.client }[rules.operations[one.root] ?? 'signed-in'];
    const { errors } = await client.request(one.document, hostileOf(one, hostile));
    faults.push(...faultsOf(one, errors as never));
  }
  expect(faults).toEqual([]);
});

it.each(Object.entries(HOSTILE))('A18: %s in every text at the partners’ door is refused or kept as text', async (_what, hostile) => {
  const bank = await newBank(`Texts ${randomUUID().slice(0, 8)}`, PARTNER_SCOPES);
  const faults: string[] = [];
  for (const one of partnerCases) {
    const { status, body } = await bank.client.ask(one.document, hostileOf(one, hostile));
    // Not at the door: it was looked at.
    expect({ place: one.place, isHeard: ![401, 403, 429].includes(status) }).toEqual({ place: one.place, isHeard: true });
    faults.push(...faultsOf(one, body.errors));
  }
  expect(faults).toEqual([]);
  expect((await bank.client.ask('{ partner { id } }')).body.data).toEqual({ partner: { id: bank.partnerId } });
});

it('A18: no line of any log is one that a client wrote, and none moves a terminal', () => {
  const forged = logs().flatMap((file) => readFileSync(file, 'utf8').split('\n')
    .filter((line) => line.includes(MARK) && (line.startsWith(`{"level":60,"msg":"forged-${MARK}`) || ['\u001b', '\u009b', '\u0007'].some((control) => line.includes(control))))
    .map((line) => `${file}: ${line.slice(0, 200)}`));
  expect(forged).toEqual([]);
});
