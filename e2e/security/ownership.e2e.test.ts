import { type Cast, makeCast, NOWHERE, type Role, ROLES, type Viewer } from './cast';
import { type Operation, operations, rules, withValue } from './documents';
import { INPUTS } from './inputs';

// A14, A16: who may call what, and what an id of somebody else's answers, for every operation of the graph. The cases come
// from the schema and from supergraph.ownership.json: a new operation needs its line there and its input in inputs.ts.

const OPERATIONS = operations();
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

describe('A14: what is somebody else\'s answers like what does not exist', () => {
  const cases = OPERATIONS.flatMap((operation) => operation.ids.map((id) => [`${operation.place} ${id.path.join('.')}`, operation, id] as const));

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

  it('takes as long', async () => {
    const { client } = cast.viewers.stranger;
    const took = async (id: string) => {
      const begun = performance.now();
      await client.request('query ($id: ID!) { transaction(id: $id) { id amount { amount } benefits { id } } }', { id });
      return performance.now() - begun;
    };
    const samples: { theirs: number[]; unknown: number[] } = { theirs: [], unknown: [] };
    for (let round = 0; round < 60; round += 1) {
      samples.theirs.push(await took(cast.things['transaction']!));
      samples.unknown.push(await took(NOWHERE));
    }
    const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1]!;
    const [theirs, unknown] = [median(samples.theirs), median(samples.unknown)];
    // Machines are noisy: a second look-up or a skipped one would show as a factor, not as a shade.
    expect(Math.max(theirs, unknown) / Math.min(theirs, unknown)).toBeLessThan(1.6);
  });
});
