import { PARTNER_SCOPES } from '@tael/platform/identity';
import {
  buildSchema, getNamedType, type GraphQLField, type GraphQLInputObjectType, type GraphQLObjectType, type GraphQLSchema, isEnumType, isInputObjectType,
  isObjectType,
} from 'graphql';
import { composedApi } from '../outside/composed-api';
import { stack } from '../stack';
import { anonymous, newPerson, operator, type Person } from '../world';
import { type Answer, type Bank, DOOR, newBank } from './partner-bank';
import { contract } from './partner-contract';

// What of the whole graph a bank can learn that is not in its contract: nothing, neither by asking for it nor by asking for what is
// nearly called so. The cases come from the committed graph and the committed contract.

const whole = buildSchema(composedApi());
const isOwn = (name: string): boolean => !name.startsWith('__') && !['String', 'Int', 'Float', 'Boolean', 'ID'].includes(name);
const namesOf = (schema: GraphQLSchema): string[] => Object.keys(schema.getTypeMap()).filter(isOwn);
const shown = new Set(namesOf(contract));
const HIDDEN_TYPES = namesOf(whole).filter((name) => !shown.has(name));
/** More names than these would be more than one operation may have. */
const AT_ONCE = 12;

/** Every name that stands nowhere in the contract: of types, fields, arguments and values. */
const words = (schema: GraphQLSchema): Set<string> => new Set(Object.values(schema.getTypeMap()).filter(({ name }) => isOwn(name)).flatMap((type) => [
  type.name,
  ...(isObjectType(type) ? Object.values(type.getFields()).flatMap((field) => [field.name, ...field.args.map((arg) => arg.name)]) : []),
  ...(isInputObjectType(type) ? Object.keys(type.getFields()) : []),
  ...(isEnumType(type) ? type.getValues().map(({ name }) => name) : []),
]));
const known = new Set([...words(contract), 'String', 'Int', 'Float', 'Boolean', 'ID']);
const SECRETS = [...words(whole)].filter((word) => !known.has(word) && word.length > 3);

const chunks = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_none, index) => items.slice(index * AT_ONCE, (index + 1) * AT_ONCE));

let bank: Bank;
let person: Person;
beforeAll(async () => {
  [bank, person] = await Promise.all([newBank('Curious Bank', PARTNER_SCOPES), newPerson()]);
}, 120_000);

/** The hidden names in an answer that the question did not have. */
const told = (question: string, { text }: Answer): string[] => {
  const asked = new Set(question.match(/\w+/g));
  return SECRETS.filter((word) => !asked.has(word) && new RegExp(`\\b${word}\\b`).test(text));
};

/** What an answer says one may have meant. Where introspection is on, names of the contract are no secret. */
const suggested = ({ text }: Answer): string[] => [...text.matchAll(/ Did you mean ([^?]*)\?/g)].flatMap(([, names]) => names!.match(/\w{2,}/g) ?? []).filter((word) => word !== 'or');

/** An answer with the asked name taken out: of a name that is hidden and of one that nobody ever used it is the same. */
const unnamed = ({ status, text }: Answer, name: string) => ({
  status, text: text.replaceAll(name, 'NAME').replace(/ Did you mean [^?]*\?/g, '').replace(/"column":\d+/g, '"column":0'),
});

/** A name of the same length that means nothing; a type's begins in upper case, as all do. */
const nothing = (name: string): string => (/^[A-Z]/.test(name) ? 'Q' : 'q').padEnd(name.length, 'z');

async function hides(name: string, questionOf: (name: string) => string): Promise<void> {
  const question = questionOf(name);
  const [answer, other] = [await bank.client.ask(question), await bank.client.ask(questionOf(nothing(name)))];
  expect({ question, told: told(question, answer), ...unnamed(answer, name) }).toEqual({ question, told: [], ...unnamed(other, nothing(name)) });
  expect(suggested(answer).filter((word) => !known.has(word))).toEqual([]);
}

it('has something to hide', () => {
  expect(HIDDEN_TYPES.length).toBeGreaterThan(100);
  expect(SECRETS).toEqual(expect.arrayContaining(['viewer', 'Wallet', 'auditTrail', 'signIn', 'transaction']));
});

describe('introspection', () => {
  it('lists the contract and nothing else', async () => {
    const { body, text } = await bank.client.ask('{ __schema { types { name kind } queryType { name } mutationType { name } subscriptionType { name } directives { name } } }');
    expect(body.data.__schema.types.map(({ name }: any) => name).filter(isOwn).sort()).toEqual([...shown].sort());
    expect(body.data.__schema).toMatchObject({ queryType: { name: 'Query' }, mutationType: { name: 'Mutation' }, subscriptionType: null });
    expect(text).not.toMatch(/join__|link__|inaccessible|_Any|_Service|_Entity|"tag"/);
  });

  it.each(namesOf(contract))('shows of %s what the contract has', async (name) => {
    const ask = `{ __type(name: "${name}") { fields(includeDeprecated: true) { name args { name } } inputFields { name } enumValues { name } } }`;
    const { __type: type } = (await bank.client.ask(ask)).body.data;
    const named = contract.getType(name)!;
    const sorted = (items: readonly { name: string }[] | null | undefined) => (items ?? []).map((item) => item.name).sort();
    expect(sorted(type.fields)).toEqual(isObjectType(named) ? Object.keys(named.getFields()).sort() : []);
    expect(sorted(type.inputFields)).toEqual(isInputObjectType(named) ? Object.keys(named.getFields()).sort() : []);
    expect(sorted(type.enumValues)).toEqual(isEnumType(named) ? named.getValues().map((value) => value.name).sort() : []);
    for (const field of type.fields ?? [])
      expect(sorted(field.args)).toEqual((named as GraphQLObjectType).getFields()[field.name]!.args.map((arg) => arg.name).sort());
  });

  it.each(chunks(HIDDEN_TYPES).map((names) => [names[0], names] as const))('knows no type from %s on', async (_first, names) => {
    const query = `{ ${names.map((name, index) => `t${index}: __type(name: "${name}") { name }`).join(' ')} }`;
    const { body } = await bank.client.ask(query);
    expect(body).toEqual({ data: Object.fromEntries(names.map((_name, index) => [`t${index}`, null])) });
  });
});

describe('what is hidden answers like what nobody ever made', () => {
  const fieldsOf = (schema: GraphQLSchema, type: string) => (schema.getType(type) as GraphQLObjectType | undefined)?.getFields() ?? {};
  const objects = namesOf(contract).filter((name) => isObjectType(contract.getType(name)));
  const hiddenFields = objects.flatMap((type) => Object.keys(fieldsOf(whole, type)).filter((name) => !(name in fieldsOf(contract, type))).map((name) => [type, name] as const));

  it.each(hiddenFields)('%s.%s', async (type, name) => {
    const within = (field: string) => (type === 'Query' ? `{ ${field} }` : type === 'Mutation' ? `mutation { ${field} }` : `{ __typename ...F } fragment F on ${type} { ${field} }`);
    await hides(name, within);
    await hides(name, (field) => within(`${field}(input: {}) { id }`));
  });

  it.each(HIDDEN_TYPES)('type %s', async (name) => {
    await hides(name, (type) => `{ __typename ...F } fragment F on ${type} { id }`);
    await hides(name, (type) => `query ($x: ${type}) { partner { id } }`);
  });

  const hiddenInputs = namesOf(contract).filter((name) => isInputObjectType(contract.getType(name))).flatMap((type) =>
    Object.keys((whole.getType(type) as GraphQLInputObjectType).getFields()).filter((name) => !(name in (contract.getType(type) as GraphQLInputObjectType).getFields())).map((name) => [type, name] as const));
  const hiddenArgs = objects.flatMap((type) => Object.values(fieldsOf(contract, type)).flatMap((field: GraphQLField<unknown, unknown>) =>
    fieldsOf(whole, type)[field.name]!.args.filter(({ name }) => !field.args.some((arg) => arg.name === name)).map(({ name }) => [`${type}.${field.name}`, name] as const)));

  it('hides no argument of a field that it shows', () => {
    // Where there is one, it wants a case here as the fields have.
    expect(hiddenArgs).toEqual([]);
  });

  // What only people and operators send, such as why, is a word that nobody knows here: written out, and in a variable.
  const takes = (type: string) => ['Query', 'Mutation'].flatMap((root) => Object.values(fieldsOf(contract, root)).flatMap((field) =>
    field.args.filter((arg) => getNamedType(arg.type).name === type).map((arg) => ({ kind: root.toLowerCase(), field: field.name, ...arg }))));

  it.each(hiddenInputs)('input %s.%s', async (type, name) => {
    const [{ kind, field, name: arg, type: needs }] = takes(type) as [ReturnType<typeof takes>[number]];
    await hides(name, (word) => `${kind} { ${field}(${arg}: { ${word}: "x" }) { __typename } }`);
    const answerOf = async (word: string) => unnamed(await bank.client.ask(`${kind} ($x: ${String(needs)}) { ${field}(${arg}: $x) { __typename } }`, { x: { [word]: 'x' } }), word);
    expect(await answerOf(name)).toEqual(await answerOf(nothing(name)));
  });

  it.each(['_entities(representations: []) { __typename }', '_service { sdl }', 'x: _entities(representations: [{ __typename: "Wallet", id: "1" }]) { ... on Wallet { id } }'])('%s', async (field) => {
    const { text, body } = await bank.client.ask(`{ ${field} }`);
    expect(body.data).toBeUndefined();
    expect(text).toMatch(/Cannot query field|Unknown type/);
    expect(told(field, { text } as Answer)).toEqual([]);
  });

  it('has no subscriptions', () => hides('inboxMessageAdded', (name) => `subscription { ${name} { id } }`));
});

describe('nearly right names are completed by what the contract has, if at all', () => {
  // One letter less, one more, two turned: what "Did you mean" answers.
  const near = (name: string): string[] => [name.slice(0, -1), `${name}s`, `${name.slice(0, -2)}${name.at(-1)}${name.at(-2)}`];
  const fields = ['Query', 'Mutation'].flatMap((type) => Object.keys((whole.getType(type) as GraphQLObjectType).getFields()).map((name) => [type, name] as const))
    .filter(([, name]) => SECRETS.includes(name));

  it.each(chunks(fields).map((some) => [some[0]!.join('.'), some] as const))('from %s on', async (_first, some) => {
    for (const [kind, of] of [['query', 'Query'], ['mutation', 'Mutation']] as const) {
      const names = some.filter(([type]) => type === of).flatMap(([, name]) => near(name));
      for (const part of chunks(names)) {
        const question = `${kind} { ${part.join(' ')} }`;
        const answer = await bank.client.ask(question);
        expect({ told: told(question, answer), suggested: suggested(answer).filter((word) => !known.has(word)) }).toEqual({ told: [], suggested: [] });
      }
    }
  });

  it.each(chunks(HIDDEN_TYPES).map((some) => [some[0], some] as const))('types from %s on', async (_first, some) => {
    const names = some.flatMap((name) => near(name).slice(0, 2));
    for (const part of chunks(names)) {
      const question = `query (${part.map((name, index) => `$v${index}: ${name}`).join(', ')}) { __typename }`;
      const answer = await bank.client.ask(question);
      expect({ told: told(question, answer), suggested: suggested(answer).filter((word) => !known.has(word)) }).toEqual({ told: [], suggested: [] });
    }
  });

  it('values of enums neither', async () => {
    const enums = namesOf(contract).filter((name) => isEnumType(contract.getType(name)));
    expect(enums.length).toBeGreaterThan(5);
    const question = '{ partnerWebhookEndpoints { edges { node { deliveries(status: PENDINGG) { pageInfo { hasNextPage } } } } } }';
    const answer = await bank.client.ask(question);
    expect({ told: told(question, answer) }).toEqual({ told: [] });
  });
});

describe('each door takes its own tokens', () => {
  const post = async (url: string, headers: Record<string, string>) => {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query: '{ __typename }' }) });
    return { status: response.status, body: (await response.json()) as any };
  };

  it('a person’s session, and an operator’s, are none at the door of banks', async () => {
    for (const { token } of [person, await operator()]) {
      const proof = await bank.client.proof(token);
      const headers: Record<string, string>[] = [{ authorization: `Bearer ${token}` }, { authorization: `DPoP ${token}`, dpop: proof }, { authorization: `DPoP ${token}` }];
      for (const one of headers) {
        const { status, body } = await post(DOOR, one);
        expect({ status, data: body.data, code: body.errors[0].extensions.code }).toEqual({ status: 401, data: undefined, code: 'UNAUTHENTICATED' });
      }
    }
  });

  it('a bank’s token is none at the door of people', async () => {
    const token = await bank.client.token();
    const proof = await bank.client.proof(token, stack.gatewayUrl);
    for (const headers of [{ authorization: `Bearer ${token}` }, { authorization: `DPoP ${token}`, dpop: proof }] as Record<string, string>[]) {
      const response = await fetch(stack.gatewayUrl, {
        method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query: '{ partner { id } partners(first: 1) { edges { cursor } } }' }),
      });
      const body = (await response.json()) as any;
      expect({ status: response.status, data: body.data?.partner ?? body.data?.partners ?? null }).toEqual({ status: expect.any(Number), data: null });
      expect(body.errors.map(({ extensions }: any) => extensions.code)).toEqual(expect.arrayContaining(['UNAUTHENTICATED']));
      expect(JSON.stringify(body)).not.toContain(bank.partnerId);
    }
    const asNobody = await anonymous.request('{ partner { id } }');
    expect(asNobody.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  });
});

it('checks every type that it names', () => {
  // The generator itself: a type of the contract is in the whole graph, or a comparison above compares with nothing.
  expect(namesOf(contract).filter((name) => !whole.getType(name))).toEqual([]);
  expect(getNamedType(contract.getQueryType()!.getFields()['partner']!.type).name).toBe('Partner');
});
