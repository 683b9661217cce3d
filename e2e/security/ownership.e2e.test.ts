import { eventually } from '@tael/testkit';
import { fund, inboxOf } from '../world';
import { type Cast, makeCast, NOWHERE, type Role, ROLES, type Viewer } from './cast';
import { graph, isIdArgument, type Operation, operations, rules, withValue } from './documents';
import { INPUTS, rootVariables } from './inputs';
import { nestedArguments, standingAt } from './nested';
import { differsInTime } from './rank-test';

// A14, A16: who may call what, and what an id of somebody else's answers, for every operation of the graph. The cases come
// from the schema and from supergraph.ownership.json: a new operation needs its line there and its input in inputs.ts.

const OPERATIONS = operations();
/** Banks ask at their own door: partners.e2e.test.ts. */
const isForPeople = ({ place }: { place: string }): boolean => rules.operations[place] !== 'partners';
/** A list of everything there is leads to the same fields as the ways by an id or by the viewer; what it shows is not the cast's alone. */
const NESTED = nestedArguments(graph, isIdArgument).filter(({ root, rootField }) => isForPeople({ place: root }) && !String(rootField.type).includes('Connection'));
/** The merchant's people are customers to everything but their own business. */
const REFUSED_ROLES: Record<string, readonly Role[]> = {
  anybody: [], 'signed-in': ['anonymous'], operators: ['anonymous', 'stranger', 'merchant', 'owner'],
  // A bank is no person: whoever signs in with a password is refused, operators too.
  partners: ROLES,
};

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
}, 120_000);

function inputOf({ place, field }: Operation, viewer: Viewer, path?: string): Record<string, unknown> {
  const make = INPUTS[place];
  if (make) return make(viewer, cast, path);
  if (field.args.some((arg) => String(arg.type).endsWith('!'))) throw new Error(`${place} has no input in inputs.ts`);
  return {};
}

async function ask(operation: Operation, viewer: Viewer, variables: Record<string, unknown>): Promise<any> {
  if (operation.kind !== 'subscription') return viewer.client.request<any>(operation.document, variables);
  throw new Error('a subscription is asked for over a socket');
}

/** The code of an error about the operation itself; fields below it may have rules of their own. */
const codeOf = (answer: any): string | undefined =>
  answer.errors?.find((error: any) => (error.path?.length ?? 0) <= 1)?.extensions?.code;

/** An answer without what is different in every answer: references, ids and instants. */
const plain = (answer: object): string =>
  JSON.stringify(answer).replace(/"(reference|requestId)":"[^"]*"/g, '').replace(/[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}/gi, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'INSTANT');

describe('A16: who may call', () => {
  const called = OPERATIONS.filter(({ kind }) => kind !== 'subscription');
  it.each(called.flatMap((operation) => ROLES.map((role) => [operation.place, role, operation] as const)))('%s as %s', async (place, role, operation) => {
    const viewer = cast.viewers[role];
    const answer = await ask(operation, viewer, inputOf(operation, viewer));
    const isRefused = REFUSED_ROLES[rules.operations[place]!]!.includes(role);
    const code = role === 'anonymous' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
    expect(codeOf(answer)).toBe(isRefused ? code : undefined);
    if (isRefused) expect(answer.data?.[operation.name] ?? null).toBeNull();
  });

  it.each(OPERATIONS.filter(({ kind }) => kind === 'subscription').map((operation) => [operation.place, operation] as const))('%s without a session', async (place, { document }) => {
    expect(rules.operations[place]).toBe('signed-in');
    const answers = cast.viewers.anonymous.client.subscribe(document);
    const { value } = await answers.next();
    expect(codeOf(value)).toBe('UNAUTHENTICATED');
    await answers.return?.();
  });
});

/** How each subscription is made to tell somebody something of theirs, and where they read it. */
const TOLD: Readonly<Record<string, { happen(viewer: Viewer): Promise<void>; own(viewer: Viewer): Promise<string[]> }>> = {
  'Subscription.notificationReceived': {
    happen: ({ person, walletId }) => fund({ ...person!, walletId }, '1.00'),
    own: async ({ person }) => (await inboxOf(person!)).map(({ id }) => id as string),
  },
};

describe('A16: a subscription tells each of what is theirs, and of nothing else', () => {
  const SIGNED_IN = ROLES.filter((role) => role !== 'anonymous');

  it.each(OPERATIONS.filter(({ kind }) => kind === 'subscription').map((operation) => [operation.place, operation] as const))('%s', async (place, { document, name }) => {
    const { happen, own } = TOLD[place] ?? {};
    if (!happen || !own) throw new Error(`${place} has no line in TOLD: say what makes it tell somebody something`);
    const heard = Object.fromEntries(SIGNED_IN.map((role) => [role, [] as string[]])) as Record<Role, string[]>;
    const streams = SIGNED_IN.map((role) => {
      const answers = cast.viewers[role].client.subscribe(document);
      const listening = (async () => {
        for await (const { data, errors } of answers) heard[role].push(errors ? JSON.stringify(errors) : (data[name].id as string));
      })();
      return { answers, listening };
    });
    const hears = async (role: Role) => {
      const before = heard[role].length;
      await happen(cast.viewers[role]);
      await eventually(async () => expect(heard[role].length).toBeGreaterThan(before), { describe: `the ${role} hears of it`, timeoutMs: 15_000 });
    };
    // Nothing says when a stream is open but what comes: the first may come before it is.
    for (const role of SIGNED_IN) await eventually(async () => {
      await happen(cast.viewers[role]);
      await eventually(async () => expect(heard[role]).not.toHaveLength(0), { describe: 'something comes', timeoutMs: 3_000 });
    }, { describe: `the ${role} listens`, timeoutMs: 30_000 });
    // All listen now. The owner's comes first: whoever heard of it as well has it before their own.
    for (const role of ['owner', ...SIGNED_IN.filter((one) => one !== 'owner')] as const) await hears(role);
    for (const { answers } of streams) await answers.return?.();
    await Promise.all(streams.map(({ listening }) => listening));
    for (const role of SIGNED_IN) {
      const theirs = await own(cast.viewers[role]);
      expect({ role, strange: heard[role].filter((id) => !theirs.includes(id)) }).toEqual({ role, strange: [] });
    }
  }, 120_000);
});

/** By nested argument: who was told of the thing by some way, and who had something there to ask it of. */
const toldOf = new Map<string, Set<Role>>();
const thereFor = new Map<string, Set<Role>>();

describe('A14: what is somebody else\'s answers like what does not exist', () => {
  // Before what changes things: a query does not.
  it.each(NESTED.map((nested) => [`${nested.root} … ${nested.path.slice(1).join('.')} ${nested.place}`, nested] as const))('%s', async (_name, nested) => {
    const thing = rules.ids[nested.place];
    if (!thing || !cast.things[thing]) throw new Error(`${nested.place} has no rule, or the cast has no ${thing}`);
    for (const role of ROLES.filter((one) => !REFUSED_ROLES[rules.operations[nested.root]!]!.includes(one))) {
      const viewer = cast.viewers[role];
      const given = (id: string) => viewer.client.request<any>(nested.document, { ...rootVariables(nested.root, nested.rootField, viewer, cast), nested: id });
      const [unknown, theirs] = [await given(NOWHERE), await given(cast.things[thing])];
      // Who does not see what the field is of is told nothing; nor is who sees it, where the thing is none of theirs.
      const isThere = standingAt(unknown.data, nested.path.slice(0, -1)).length > 0;
      const isTold = plain(theirs) !== plain(unknown);
      toldOf.set(nested.place, new Set([...(toldOf.get(nested.place) ?? []), ...(isTold ? [role] : [])]));
      if (isThere) thereFor.set(nested.place, new Set([...(thereFor.get(nested.place) ?? []), role]));
      expect({ role, isTold, theirs, unknown }).toEqual({ role, isTold: isThere && rules.things[thing]!.includes(role), theirs, unknown });
    }
  });

  it('and who may see is told by some way to each nested id, who may not has tried beside something of their own', () => {
    for (const place of new Set(NESTED.map((nested) => nested.place))) {
      const seenBy = rules.things[rules.ids[place]!]!;
      expect({ place, told: [...toldOf.get(place)!].sort() }).toEqual({ place, told: [...seenBy].sort() });
      expect({ place, tried: [...thereFor.get(place)!] }).toEqual({ place, tried: expect.arrayContaining(['stranger', 'owner']) });
    }
  });

  const cases = OPERATIONS.filter(isForPeople).flatMap((operation) => operation.ids.map((id) => [`${operation.place} ${id.path.join('.')}`, operation, id] as const));

  it.each(cases)('%s', async (_name, operation, { path, thing, list }) => {
    const id = cast.things[thing];
    if (!id) throw new Error(`the cast has no ${thing}`);
    const seenBy = rules.things[thing]!;
    const callers = ROLES.filter((role) => !REFUSED_ROLES[rules.operations[operation.place]!]!.includes(role));
    // The one who may act comes last: what it does to the thing must not hide what the others see.
    const roles = [...callers].sort((a, b) => Number(seenBy.includes(a)) - Number(seenBy.includes(b)));
    for (const role of roles) {
      const viewer = cast.viewers[role];
      const given = (value: string) => withValue(inputOf(operation, viewer, path.slice(1).join('.')), path, list ? [value] : value);
      const unknown = await ask(operation, viewer, given(NOWHERE));
      const theirs = await ask(operation, viewer, given(id));
      const isTold = plain(theirs) !== plain(unknown);
      expect({ role, isTold, theirs, unknown }).toEqual({ role, isTold: seenBy.includes(role), theirs, unknown });
    }
  });

  it('every id that has a rule has its case', () => {
    // The rules of banks' own doors have theirs in partners.e2e.test.ts.
    const ofBanks = new Set(OPERATIONS.filter((operation) => !isForPeople(operation)).flatMap(({ ids }) => ids.map(({ place }) => place)));
    const covered = new Set([...OPERATIONS.filter(isForPeople).flatMap(({ ids }) => ids.map(({ place }) => place)), ...NESTED.map(({ place }) => place)]);
    expect(Object.keys(rules.ids).filter((place) => !covered.has(place) && !ofBanks.has(place))).toEqual([]);
    expect([...covered].filter((place) => !(place in rules.ids))).toEqual([]);
    expect(NESTED.map(({ place }) => place)).toEqual(expect.arrayContaining(['User.transactions(walletId)', 'Dispute.documents(id)']));
  });

  /** What a stranger may ask with an id, in one of its places: at the top, and nested below something of their own. Mutations are left out: what they refuse they count. */
  const timed: readonly (readonly [string, (viewer: Viewer, id: string) => Promise<unknown>, string])[] = [
    ...cases.filter(([, { kind, place }, { thing }]) => kind === 'query' && !REFUSED_ROLES[rules.operations[place]!]!.includes('stranger') && !rules.things[thing]!.includes('stranger'))
      .map(([name, operation, { path, thing, list }]) => [
        name, (viewer: Viewer, id: string) => ask(operation, viewer, withValue(inputOf(operation, viewer, path.slice(1).join('.')), path, list ? [id] : id)), thing,
      ] as const),
    ...NESTED.filter(({ root }) => root === 'Query.viewer').map((nested) => [
      nested.place, (viewer: Viewer, id: string) => viewer.client.request(nested.document, { ...rootVariables(nested.root, nested.rootField, viewer, cast), nested: id }), rules.ids[nested.place]!,
    ] as const),
  ];

  it('the times of ids at the top and of nested ones are compared', () => {
    expect(timed.map(([name]) => name)).toEqual(expect.arrayContaining(['Query.transaction id', 'Query.paymentQuote input.walletId', 'User.transactions(walletId)', 'Dispute.documents(id)']));
  });

  // A tenth of an answer of ten milliseconds is less than what a busy machine adds to any: what is surer than chance, more than three milliseconds and seen three
  // times on end is taken for a look-up that is left out, or made twice.
  it.each(timed)('takes as long: %s', async (_name, asked, thing) => {
    const tries = (id: string) => async (): Promise<number> => {
      const begun = performance.now();
      await asked(cast.viewers.stranger, id);
      return performance.now() - begun;
    };
    expect(await differsInTime(tries(cast.things[thing]!), tries(NOWHERE))).toBeNull();
  }, 300_000);
});
