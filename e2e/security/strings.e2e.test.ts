import { randomUUID } from 'node:crypto';
import { getNamedType, type GraphQLInputType, isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { home } from '../stack';
import { anonymous, newPerson, operator } from '../world';
import { operations, rules, withValue } from './documents';

// Every text that a client can put anywhere into the graph, made of the schema: it reaches no log as a line of its own, no
// statement as SQL and no template as code, and is refused or taken like any other text.

const MARK = randomUUID().slice(0, 8);
const HOSTILE: Readonly<Record<string, string>> = {
  'a forged line of the log': `x\r\n{"level":60,"msg":"forged-${MARK}"}\r\n`,
  'colours of a terminal': `x-${MARK}\u001b[31m\u001b]0;owned\u0007\u009b2J`,
  SQL: `${MARK}'; DROP TABLE person; -- ") UNION SELECT * FROM pg_shadow; $$`,
  'a template': `${MARK}{{constructor.constructor('return process')()}} \${7*7} <script>alert(1)</script> %s %n`,
  'a path, a NUL and half a surrogate': `../../etc/passwd ${MARK}\u0000\ud800`,
};

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

const cases = operations().filter(({ kind }) => kind !== 'subscription').flatMap(({ place, field, document }) => {
  const wanted = field.args.filter((arg) => isNonNullType(arg.type));
  const base = Object.fromEntries(wanted.map((arg) => [arg.name, valueOf(arg.type)]));
  return wanted.flatMap((arg) => textsIn(arg.type, [arg.name])).map((text) => ({ place, document, base, ...text }));
});

const logs = (): string[] => readdirSync(join(home, 'logs')).map((name) => join(home, 'logs', name)).filter((file) => statSync(file).isFile());

it('A18: finds the texts of the graph at all', () => {
  const places = new Set(cases.map(({ place }) => place));
  expect(places.has('Mutation.signUp') && places.has('Mutation.payMerchant') && places.has('Mutation.createCampaign')).toBe(true);
  expect(cases.length).toBeGreaterThan(60);
});

it.each(Object.entries(HOSTILE))('A18: %s in every text of every operation is refused or kept as text', async (_what, hostile) => {
  const [person, staff] = [await newPerson(), await operator()];
  const faults: string[] = [];
  for (const { place, document, base, path, list } of cases) {
    const client = { anybody: anonymous, 'signed-in': person.client, operators: staff.client, partners: staff.client }[rules.operations[place] ?? 'signed-in'];
    const { errors } = await client.request(document, withValue(base, path, list ? [hostile] : hostile));
    for (const error of errors ?? []) {
      const code = String(error.extensions?.['code']);
      if (code === 'INTERNAL_SERVER_ERROR' || /SELECT|syntax error|pg_|node_modules/.test(error.message)) {
        faults.push(`${place} ${path.join('.')}: ${code} ${error.message}`);
      }
    }
  }
  expect(faults).toEqual([]);
});

it('A18: no line of any log is one that a client wrote, and none moves a terminal', () => {
  const forged = logs().flatMap((file) => readFileSync(file, 'utf8').split('\n')
    .filter((line) => line.includes(MARK) && (line.startsWith(`{"level":60,"msg":"forged-${MARK}`) || ['\u001b', '\u009b', '\u0007'].some((control) => line.includes(control))))
    .map((line) => `${file}: ${line.slice(0, 200)}`));
  expect(forged).toEqual([]);
});
