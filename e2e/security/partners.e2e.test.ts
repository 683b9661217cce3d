import { PARTNER_SCOPES } from '@tael/platform/identity';
import { setTimeout as pause } from 'node:timers/promises';
import { withValue } from './documents';
import type { Answer, BankClient } from './partner-bank';
import { CONSENTED, INPUTS, receivedBy, type RowKind, ROWS, scopeOf, twoWorlds, type World } from './partner-cast';
import { allPlaces, cursorLists, type RootField, rootFields, type RowPlace } from './partner-contract';
import { differsInTime, isShifted, shiftOf } from './rank-test';

// What one bank can learn of another: every row that the contract can name, every list, every field, as a bank that has nothing to
// do with it. The cases come from partner.schema.graphql: a new field needs its lines in partner-cast.ts, or this fails.

const { fields: ALL, reached } = rootFields();
const FIELDS = ALL.filter(({ place }) => !CONSENTED.has(place));
const LISTS = cursorLists().filter(({ root }) => !CONSENTED.has(root));
const QUERIES = FIELDS.filter(({ kind }) => kind === 'query');

let mine: World;
let theirs: World;
/** What stands in the other bank's answers and in none of ours. */
let marks: readonly string[];
let before: { answers: string[]; received: number };
const heard: { place: string; sent: string; text: string }[] = [];

beforeAll(async () => {
  [mine, theirs] = await twoWorlds('Ours', 'Theirs');
  const [ownTexts, theirTexts] = [await ownAnswers(mine), await ownAnswers(theirs)];
  const ours = new Set(ownTexts.flatMap((text) => leavesOf(JSON.parse(text))));
  marks = [...new Set(theirTexts.flatMap((text) => leavesOf(JSON.parse(text))))].filter((leaf) => !ours.has(leaf));
  before = { answers: theirTexts, received: await receivedBy(theirs) };
}, 240_000);

/** The texts in an answer that are long enough to be nobody else's. Instants are not: two things happen in one millisecond. */
function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= 10 && !/^\d{4}-\d\d/.test(value) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [];
}

function variablesOf(root: Pick<RootField, 'place' | 'field'>): Record<string, unknown> {
  const make = INPUTS[root.place];
  if (make) return make();
  if (root.field.args.some((arg) => String(arg.type).endsWith('!'))) throw new Error(`${root.place} has no input in partner-cast.ts`);
  return {};
}

const given = (root: RootField, row: RowPlace, value: string) => withValue(variablesOf(root), row.path, row.list ? [value] : value);

function kindOf(root: RootField, { kind }: RowPlace): RowKind {
  const found = ROWS[kind];
  if (!found) throw new Error(`${root.place} names a ${kind}, which ROWS of partner-cast.ts does not have`);
  return found;
}

function rowOf(world: World, { kind }: RowPlace): string {
  const found = world.rows[kind];
  if (found === undefined) throw new Error(`the banks of partner-cast.ts have no ${kind}`);
  return found;
}

async function ask(client: BankClient, place: string, document: string, variables: object): Promise<Answer> {
  const answer = await client.ask(document, variables);
  if (client === mine.bank.client) heard.push({ place, sent: JSON.stringify(variables), text: answer.text });
  return answer;
}

/** Everything that a bank sees of itself, to the byte. */
async function ownAnswers(world: World): Promise<string[]> {
  const texts: string[] = [];
  for (const root of QUERIES) {
    const variables = root.rows.reduce((all, row) => withValue(all, row.path, rowOf(world, row)), variablesOf(root));
    const { text, body } = await world.bank.client.ask(root.document, variables);
    expect({ place: root.place, errors: body.errors, data: body.data?.[root.name] }).toEqual({ place: root.place, errors: undefined, data: expect.anything() });
    texts.push(text);
  }
  return texts;
}

/** An answer that makes something, without what is different each time. */
const plain = (text: string, sent: string): string =>
  text.replaceAll(sent, 'SENT').replace(/[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}/gi, 'ID').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'INSTANT');

it('reaches every field that the contract has', () => {
  expect(allPlaces().filter((place) => !reached.has(place))).toEqual([]);
});

it('tells two banks apart: each sees its own', () => {
  expect(marks.length).toBeGreaterThan(40);
  expect(marks).toEqual(expect.arrayContaining([theirs.bank.partnerId, theirs.rows['endpoint'], theirs.rows['delivery'], theirs.rows['account-number']]));
});

describe('a row of another bank answers like one that nobody has', () => {
  const cases = FIELDS.flatMap((root) => root.rows.map((row) => [`${root.place} ${row.path.join('.')}`, root, row] as const));

  it.each(cases)('%s', async (_name, root, row) => {
    const kind = kindOf(root, row);
    const [nobodys, other] = [kind.nowhere(), rowOf(theirs, row)];
    const unknown = await ask(mine.bank.client, root.place, root.document, given(root, row, nobodys));
    const found = await ask(mine.bank.client, root.place, root.document, given(root, row, other));
    const shape = ({ status, cost, text }: Answer, sent: string) => ({ status, cost, text: kind.makes ? plain(text, sent) : text });
    expect(shape(found, other)).toEqual(shape(unknown, nobodys));
    if (kind.noneOfItsOwn) return;
    // The bank's own row is told of: an answer that is always the same would prove nothing.
    const own = rowOf(mine, row);
    const told = await ask(mine.bank.client, root.place, root.document, given(root, row, own));
    expect(shape(told, own).text).not.toBe(shape(unknown, nobodys).text);
  });
});

describe('a cursor of another bank is a place in one’s own list, and no more', () => {
  it.each(LISTS.map((list) => [list.place, list] as const))('%s', async (_place, list) => {
    const root = FIELDS.find(({ place }) => place === list.root)!;
    const read = async (world: World, after: string | null) => {
      const variables = root.rows.reduce((all, row) => withValue(all, row.path, rowOf(world, row)), variablesOf(root));
      return ask(world.bank.client, list.place, list.document, { ...variables, after });
    };
    const connectionOf = ({ body }: Answer) => list.path.reduce((at, name) => (Array.isArray(at[name]) ? at[name][0] : at[name]), body.data);
    const cursor: string = connectionOf(await read(theirs, null)).edges.at(-1).cursor;
    const answer = await read(mine, cursor);
    expect(answer.body.errors).toBeUndefined();
    const position = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[];
    const beside = position.map((value) => (/^[\da-f-]{36}$/.test(value) ? value.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) : value));
    const neighbour = await read(mine, Buffer.from(JSON.stringify(beside)).toString('base64url'));
    expect(answer.text).toBe(neighbour.text);
  });
});

describe('a field is asked for with its scope, and with no other', () => {
  let refusal: { data: unknown; message: string } | undefined;

  it.each(FIELDS.flatMap((root) => PARTNER_SCOPES.map((scope) => [root.place, scope, root] as const)))('%s with %s', async (_place, scope, root) => {
    const client = mine.bank.withScopes([scope]);
    const variables = variablesOf(root);
    const answer = await client.ask(root.document, variables);
    const forbidden = answer.body.errors?.filter(({ extensions }: any) => extensions?.code === 'FORBIDDEN') ?? [];
    if (scope === scopeOf(root.place, root.field.description)) return expect({ forbidden, errors: answer.body.errors }).toEqual({ forbidden: [], errors: undefined });
    expect(forbidden.map(({ path }: any) => path)).toEqual([[root.name]]);
    expect(answer.body.errors).toHaveLength(1);
    expect(answer.body.data?.[root.name] ?? null).toBeNull();
    // The same words whatever is asked for, but for the scope that is named.
    const message = forbidden[0].message.replace(scopeOf(root.place, root.field.description), 'SCOPE');
    refusal ??= { data: null, message };
    expect(message).toBe(refusal.message);
    for (const row of root.rows) {
      for (const value of [kindOf(root, row).nowhere(), rowOf(theirs, row), rowOf(mine, row)])
        expect((await client.ask(root.document, given(root, row, value))).text).toBe(answer.text);
    }
  });
});

describe('what a person consents to is in no token of the bank’s own', () => {
  it.each(ALL.filter(({ place }) => CONSENTED.has(place)).flatMap((root) => PARTNER_SCOPES.map((scope) => [root.place, scope, root] as const)))('%s with %s', async (_place, scope, root) => {
    const { body } = await mine.bank.withScopes([scope]).ask(root.document, {});
    expect(body.errors?.map(({ extensions, path }: any) => [extensions.code, path])).toEqual([['FORBIDDEN', [root.name]]]);
    expect(body.data?.[root.name] ?? null).toBeNull();
  });
});

/** How long an answer takes, with its proof; and longer by so much where the test leaks on purpose. */
function tries(root: RootField, row: RowPlace, value: () => string, leakMs = 0): () => Promise<number> {
  return async () => {
    const began = performance.now();
    await mine.bank.client.ask(root.document, given(root, row, value()));
    if (leakMs > 0) await pause(leakMs);
    return performance.now() - began;
  };
}

describe('takes as long as what nobody has', () => {
  const cases = FIELDS.flatMap((root) => root.rows.filter((row) => !kindOf(root, row).makes).map((row) => [`${root.place} ${row.path.join('.')}`, root, row] as const));

  it.each(cases)('%s', async (_name, root, row) => {
    expect(await differsInTime(tries(root, row, () => rowOf(theirs, row)), tries(root, row, () => kindOf(root, row).nowhere()))).toBeNull();
  }, 300_000);

  it('and ten milliseconds would be seen', async () => {
    const [, root, row] = cases[0]!;
    const nowhere = () => kindOf(root, row).nowhere();
    let seen = null;
    // A machine that somebody else uses may hide it once.
    for (let round = 0; round < 3 && !seen; round += 1) seen = await differsInTime(tries(root, row, nowhere, 10), tries(root, row, nowhere));
    expect(seen).toMatchObject({ median: expect.any(Number) });
  }, 300_000);
});

describe('the comparison of times', () => {
  const noise = (seed: number) => Array.from({ length: 50 }, (_none, index) => 20 + ((index * 7919 + seed * 104_729) % 1_000) / 100);

  it.each([[0, false], [1, false], [10, true], [-10, true]])('of %d ms more says %s', (more, isSeen) => {
    const other = noise(2);
    const pairs = noise(1).map((value, index) => [value + more, other[index]!] as const);
    expect(isShifted(shiftOf(pairs))).toBe(isSeen);
  });

  it('takes a few slow tries for what they are', () => {
    const other = noise(2);
    const pairs = noise(1).map((value, index) => [index % 10 === 0 ? value + 2_000 : value, other[index]!] as const);
    expect(isShifted(shiftOf(pairs))).toBe(false);
  });
});

describe('at the end', () => {
  it('nothing of the other bank was in any answer, but what was sent', () => {
    const leaks = heard.flatMap(({ place, sent, text }) => marks.filter((mark) => text.includes(JSON.stringify(mark).slice(1, -1)) && !sent.includes(mark)).map((mark) => `${place}: ${mark}`));
    expect(heard.length).toBeGreaterThan(40);
    expect(leaks).toEqual([]);
  });

  it('nothing of the other bank is changed', async () => {
    expect({ answers: await ownAnswers(theirs), received: await receivedBy(theirs) }).toEqual(before);
  });
});
