import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, identityKeysFor, signIdentity } from '@tael/platform/identity';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { getNamedType, type GraphQLObjectType, isLeafType, isNonNullType, isObjectType } from 'graphql';
import { readStackFile, type ServiceName } from '../services';
import { home } from '../stack';
import { type Cast, makeCast, NOWHERE, type Role, ROLES } from './cast';
import { firstOf, literalOf, rules, schemaOf, selectionOf, SUBGRAPHS } from './documents';

// A14, A15: every field that a subgraph finds by a key, asked for at its own port as every role. Only the gateway can sign
// such a request; the fields must hold even so, because a gateway is asked for _entities past every parent.

/** What the key of each type names in the cast. */
const THING: Readonly<Record<string, string>> = {
  Transaction: 'transaction', Wallet: 'wallet', Merchant: 'merchant', Campaign: 'campaign', Notification: 'notification', Partner: 'partner',
};

/** Fields that such a thing has not, and of which thing it is asked instead. */
const THING_OF: Readonly<Record<string, string>> = { 'Transaction.refundedBy': 'refund' };

interface Place {
  readonly subgraph: ServiceName;
  readonly type: string;
  readonly field: string;
  readonly selection: string;
}

const hasDirective = (node: { directives?: readonly { name: { value: string } }[] } | null | undefined, name: string): boolean =>
  (node?.directives ?? []).some((directive) => directive.name.value === name);

/** The types that a subgraph resolves by a key. */
function entitiesOf(subgraph: string): GraphQLObjectType[] {
  return Object.values(schemaOf(subgraph).getTypeMap()).filter((type): type is GraphQLObjectType => {
    if (!isObjectType(type) || !hasDirective(type.astNode, 'key')) return false;
    const text = JSON.stringify(type.astNode!.directives, (key, value) => (key === 'loc' ? undefined : value));
    return !/"resolvable"[^}]*}[^}]*"value":false/.test(text);
  });
}

const PLACES: Place[] = SUBGRAPHS.flatMap((subgraph) => entitiesOf(subgraph).flatMap((type) => Object.values(type.getFields())
  .filter((field) => !hasDirective(field.astNode, 'external'))
  .map((field) => {
    const wanted = field.args.filter((arg) => isNonNullType(arg.type)).map((arg) => `${arg.name}: ${literalOf(arg.name)}`);
    const args = wanted.length > 0 ? `(${wanted.join(', ')})` : firstOf(field);
    const inner = isLeafType(getNamedType(field.type)) ? '' : selectionOf(field.type, 1);
    return { subgraph: subgraph as ServiceName, type: type.name, field: field.name, selection: `${field.name}${args} ${inner}` };
  })));

let cast: Cast;
type Keys = [KeyEntry, ...KeyEntry[]];

/** The gateway's, of which each subgraph has its own. */
let ring: Keys;
beforeAll(async () => {
  cast = await makeCast();
  const { identityKeys } = JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8')) as { identityKeys: string };
  const [id = '', key = ''] = identityKeys.split(',')[0]!.split(/:(.*)/);
  ring = [{ id, key: Buffer.from(key, 'base64') }];
}, 120_000);

function identityOf(role: Role): Identity {
  const { person } = cast.viewers[role];
  const reference = randomBytes(16).toString('hex');
  const roles = role === 'operator' ? (['CUSTOMER', 'OPERATOR'] as const) : (['CUSTOMER'] as const);
  const principal = person ? { personId: person.id, sessionId: randomUUID(), roles } : null;
  return { principal, locale: 'en', reference, traceparent: `00-${reference}-${randomBytes(8).toString('hex')}-00`, address: '127.0.0.1' };
}

/** A representation as the gateway sends it: the key, and what the field requires of accounts. */
function representation(type: string, id: string): Record<string, unknown> {
  const required: Record<string, object> = {
    User: { referralCode: 'AAAAAAAAAA' },
    Transaction: { ownerId: cast.owner.id },
    PaymentQuote: { amount: { amount: '5.00', currency: 'USD' }, merchantId: cast.shopId, merchantCategoryCode: '5814', paymentOrdinal: 2 },
  };
  return { __typename: type, id, ...required[type] };
}

async function post(subgraph: ServiceName, body: string, headers: Record<string, string>): Promise<{ status: number; body: any }> {
  const response = await fetch(`http://127.0.0.1:${readStackFile().ports[subgraph]}/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body,
  });
  return { status: response.status, body: await response.json() };
}

function bodyFor({ type, selection }: Place, id: string): string {
  return JSON.stringify({
    query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { ${selection} } } }`,
    variables: { of: [representation(type, id)] },
  });
}

async function ask(place: Place, role: Role, id: string): Promise<string> {
  const body = bodyFor(place, id);
  const answer = await post(place.subgraph, body, { [IDENTITY_HEADER]: signIdentity(identityOf(role), body, identityKeysFor(ring, place.subgraph), Date.now()) });
  expect(answer.status).toBe(200);
  return JSON.stringify(answer.body).replaceAll(id, 'ID').replace(/"reference":"[^"]*"/g, '');
}

function idOf(type: string, field: string): string {
  if (type === 'User') return cast.owner.id;
  if (type === 'PaymentQuote') return cast.quote.id;
  const id = cast.things[THING_OF[`${type}.${field}`] ?? THING[type] ?? ''];
  if (!id) throw new Error(`the cast has no ${type}`);
  return id;
}

describe('A14: _entities with the id of somebody else', () => {
  const cases = PLACES.map((place) => [`${place.subgraph} ${place.type}.${place.field}`, place] as const);

  it.each(cases)('%s', async (_name, place) => {
    const seenBy = rules.entities[`${place.type}.${place.field}`];
    expect(seenBy).toBeDefined();
    const id = idOf(place.type, place.field);
    const isEmpty = (answer: string) => answer.includes(`{"${place.field}":null}`);
    // Only the answer of somebody who may see says whether there is anything in a field that may be empty.
    const mayBeEmpty = isEmpty(await ask(place, (seenBy![0] ?? 'owner') as Role, id));
    for (const role of ROLES) {
      const [theirs, unknown] = [await ask(place, role, id), await ask(place, role, NOWHERE)];
      const isSeen = theirs !== unknown && (mayBeEmpty || !isEmpty(theirs));
      // A stub that another subgraph extends has nothing but the key that it was given: there is nothing to see.
      const isStub = place.field === 'id' && isSeen === false;
      expect({ role, isSeen: isStub ? seenBy!.includes(role) : isSeen, theirs, unknown })
        .toEqual({ role, isSeen: seenBy!.includes(role), theirs, unknown });
    }
  });
});

describe('A15: a subgraph believes nobody but the gateway', () => {
  const subgraphs = SUBGRAPHS.map((name) => [name as ServiceName] as const);
  it.each(subgraphs)('%s refuses identities that are missing, forged, old, for another body or changed', async (subgraph) => {
    const place = PLACES.find((candidate) => candidate.subgraph === subgraph)!;
    const body = bodyFor(place, idOf(place.type, place.field));
    const keys = identityKeysFor(ring, subgraph);
    const sign = (given: Readonly<Keys>, of = body, at = Date.now()) => signIdentity(identityOf('owner'), of, given, at);
    const good = sign(keys);
    expect((await post(subgraph, body, { [IDENTITY_HEADER]: good })).status).toBe(200);
    const [version, keyId, claims = '', mac] = good.split('.');
    const raised = Buffer.from(Buffer.from(claims, 'base64url').toString().replace('"CUSTOMER"', '"OPERATOR"')).toString('base64url');
    const bad = {
      missing: undefined, empty: '', garbage: 'v1.k1.e30.AAAA', 'another key': sign([{ id: keys[0].id, key: randomBytes(32) }]),
      'an unknown key': sign([{ id: 'k999', key: keys[0].key }]), old: sign(keys, body, Date.now() - 60_000),
      'the future': sign(keys, body, Date.now() + 60_000), 'another body': sign(keys, `${body} `), 'another role': [version, keyId, raised, mac].join('.'),
      'no signature': [version, keyId, claims, ''].join('.'), 'no such version': good.replace('v1', 'v0'),
      'the ring itself': sign(ring), 'for another subgraph': sign(identityKeysFor(ring, subgraph === 'accounts' ? 'rewards' : 'accounts')),
    };
    for (const [what, header] of Object.entries(bad)) {
      const answer = await post(subgraph, body, header === undefined ? {} : { [IDENTITY_HEADER]: header });
      expect({ what, status: answer.status, data: answer.body.data ?? null }).toEqual({ what, status: 401, data: null });
    }
  });
});

it('keeps keys and passwords in files that only their owner may read', () => {
  for (const name of ['secrets.json', 'stack.json', 'demo.json'])
    expect({ name, mode: (statSync(join(home, name)).mode & 0o777).toString(8) }).toEqual({ name, mode: '600' });
});
