import { getNamedType, type GraphQLObjectType, isObjectType, parse, print, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { askBy, type Consented, type ConsentCast, makeConsents, type Seen, withdraw } from './consent-cast';
import { HOSTILE } from './hostile';
import { CONSENTED } from './partner-cast';
import { contract, type CursorList, cursorLists, rootFields } from './partner-contract';
import { differsInTime } from './rank-test';

// What a bank sees by a person's consent, for every field of the contract that has something of it: two banks that share customers see
// each their own consent's data, and cursors of one consent are worth nothing more with another. The cases come from
// partner.schema.graphql; nothing below these fields takes an id.

const ROOTS = rootFields().fields.filter(({ place }) => CONSENTED.has(place));
const LISTS = cursorLists().filter(({ root }) => CONSENTED.has(root));

let cast: ConsentCast;
/** The answers of all consents, while they stood. */
const seen = new Map<string, Seen[]>();
const lists = new Map<string, any[]>();
const all = (): Consented[] => [...cast.standing, cast.leaving];
const mayList = ({ scopes }: Consented): boolean => scopes.includes('transactions:read');
const listKey = (consent: Consented, list: CursorList): string => `${consent.name}/${list.place}`;

const connectionsOf = ({ body }: Seen, list: CursorList): any[] =>
  list.path.reduce<any[]>((found, name) => found.flatMap((value) => value?.[name] ?? []), [body.data]);

/** A document without the fields that want another scope than the consent has, as their descriptions say. */
function within(document: string, { scopes }: Consented): string {
  const info = new TypeInfo(contract);
  return print(visit(parse(document), visitWithTypeInfo(info, {
    Field() {
      const [, scope] = /Scope ([a-z]+:[a-z]+)/.exec(info.getFieldDef()?.description ?? '') ?? [];
      return scope === undefined || scopes.includes(scope) ? undefined : null;
    },
  })));
}

beforeAll(async () => {
  cast = await makeConsents();
  for (const consent of all()) {
    const answers: Seen[] = [];
    for (const { document } of ROOTS) answers.push(await askBy(consent, within(document, consent)));
    for (const list of LISTS.filter(() => mayList(consent))) {
      const answer = await askBy(consent, list.document, { after: null });
      answers.push(answer);
      lists.set(listKey(consent, list), connectionsOf(answer, list).flatMap(({ edges }) => edges));
    }
    seen.set(consent.name, answers);
  }
}, 240_000);

/** The places of the contract that have something in an answer. */
function placesIn(type: GraphQLObjectType, value: any, found: Set<string>): Set<string> {
  if (Array.isArray(value)) value.forEach((one) => placesIn(type, one, found));
  else if (value) {
    for (const [name, field] of Object.entries(type.getFields())) {
      if (value[name] === undefined || value[name] === null) continue;
      found.add(`${type.name}.${name}`);
      const inner = getNamedType(field.type);
      if (isObjectType(inner)) placesIn(inner, value[name], found);
    }
  }
  return found;
}

/** Ids and amounts: what tells whose an answer is. Kinds, currencies, scopes and places in a list are anybody's. */
function marksOf(value: unknown, name = ''): string[] {
  if (typeof value === 'string') return name === 'id' || name === 'amount' ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, inner]) => marksOf(inner, Array.isArray(value) ? name : key)) : [];
}
const marksSeenBy = ({ name }: Consented): Set<string> => new Set(seen.get(name)!.flatMap(({ body }) => marksOf(body)));

describe('by a consent that stands', () => {
  it('every field below what is consented to is seen', () => {
    const found = placesIn(contract.getQueryType()!, cast.standing.flatMap(({ name }) => seen.get(name)!).map(({ body }) => body.data), new Set());
    const below = [...found].filter((place) => place.startsWith('Customer'));
    const wanted = [...rootFields().reached].filter((place) => place.startsWith('Customer'));
    expect(below.sort()).toEqual(wanted.sort());
    expect(wanted).toEqual(expect.arrayContaining(['Customer.id', 'CustomerWallet.available', 'CustomerTransaction.balanceAfter', 'CustomerTransactionEdge.cursor']));
  });

  it('it is the consent’s own data, and nothing of any other: not of the same person, nor of the same wallet under the same names', () => {
    for (const consent of cast.standing) {
      const own = marksSeenBy(consent);
      expect({ consent: consent.name, marks: own.size > 2 }).toEqual({ consent: consent.name, marks: true });
      for (const other of all().filter(({ name }) => name !== consent.name)) {
        // Two banks that see one wallet see one balance; one bank knows a person by one name.
        const isSameWallet = other.person === consent.person && other.person.id === cast.standing[2]!.person.id;
        const both = [...marksSeenBy(other)].filter((mark) => own.has(mark));
        const balances = isSameWallet ? both.filter((mark) => mark.includes('.')) : [];
        expect({ consent: consent.name, other: other.name, both: both.filter((mark) => !balances.includes(mark)) }).toEqual({ consent: consent.name, other: other.name, both: [] });
      }
    }
  });

  it('nothing of the person stands in it', () => {
    for (const { name, person } of all())
      for (const { text } of seen.get(name)!) for (const secret of [person.id, person.walletId, person.email]) expect({ name, has: text.includes(secret) }).toEqual({ name, has: false });
  });

  it('without the scope of its transactions nothing of them is told, whatever cursor comes with it', async () => {
    const [weak] = cast.standing.filter((consent) => !mayList(consent));
    for (const list of LISTS) {
      const cursors = [null, ...all().filter(mayList).flatMap((consent) => lists.get(listKey(consent, list))!.map(({ cursor }) => cursor as string))];
      const answers = new Set<string>();
      for (const after of cursors) answers.add((await askBy(weak!, list.document, { after })).text);
      expect([...answers]).toEqual([expect.stringContaining('FORBIDDEN')]);
      expect(JSON.parse([...answers][0]!).errors[0].message).toContain('transactions:read');
    }
  });
});

const positionOf = (cursor: string): string[] => JSON.parse(Buffer.from(cursor, 'base64url').toString());
const asCursor = (position: readonly unknown[]): string => Buffer.from(JSON.stringify(position)).toString('base64url');

describe('a cursor of another consent', () => {
  it('has a place in a list and no more: no id of anything', () => {
    for (const edges of lists.values()) {
      expect(edges.length).toBeGreaterThan(2);
      for (const { cursor } of edges) expect(positionOf(cursor)).toEqual([expect.stringMatching(/^\d{1,18}$/)]);
    }
  });

  it.each(LISTS.map((list) => [list.place, list] as const))('of %s is a place in one’s own list', async (_place, list) => {
    for (const reader of cast.standing.filter(mayList)) {
      const own = lists.get(listKey(reader, list))!;
      for (const other of all().filter((consent) => mayList(consent) && consent !== reader)) {
        for (const { cursor } of lists.get(listKey(other, list))!) {
          const answer = await askBy(reader, list.document, { after: cursor });
          const before = BigInt(positionOf(cursor)[0]!);
          expect({ reader: reader.name, other: other.name, errors: answer.body.errors, edges: connectionsOf(answer, list).flatMap(({ edges }) => edges) })
            .toEqual({ reader: reader.name, other: other.name, errors: undefined, edges: own.filter((edge) => BigInt(positionOf(edge.cursor)[0]!) < before) });
        }
      }
    }
  });

  it.each(LISTS.map((list) => [list.place, list] as const))('nor is an id of another consent any place of %s: it answers like one that nobody has', async (_place, list) => {
    const [reader, ...others] = all();
    const ids = others.flatMap((other) => [...marksSeenBy(other)].filter((mark) => /^[\da-f-]{36}$/.test(mark)));
    expect(ids.length).toBeGreaterThan(10);
    const nobodys = ids[0]!.replace(/./, (digit) => (digit === '0' ? '1' : '0'));
    const answerTo = async (after: string) => (await askBy(reader!, list.document, { after })).text;
    for (const form of [(id: string) => id, (id: string) => asCursor([id])]) {
      const unknown = await answerTo(form(nobodys));
      expect(unknown).toContain('errors');
      for (const id of ids) expect(await answerTo(form(id))).toBe(unknown);
    }
  });

  it.each(LISTS.map((list) => [list.place, list] as const))('of %s takes as long as one that nobody has', async (_place, list) => {
    const [reader, other] = [cast.standing[0]!, cast.standing[1]!];
    const theirs: string = lists.get(listKey(other, list))![1].cursor;
    // The same place in another spelling: no list has ever had such a cursor.
    const nobodys = asCursor([`0${positionOf(theirs)[0]!}`]);
    expect(connectionsOf(await askBy(reader, list.document, { after: theirs }), list)).toEqual(connectionsOf(await askBy(reader, list.document, { after: nobodys }), list));
    const tries = (after: string) => async () => {
      const began = performance.now();
      await askBy(reader, list.document, { after });
      return performance.now() - began;
    };
    expect(await differsInTime(tries(theirs), tries(nobodys))).toBeNull();
  }, 120_000);

  it.each(Object.entries(HOSTILE))('that is %s is refused like any that is none', async (_what, hostile) => {
    for (const list of LISTS) {
      const { body } = await askBy(cast.standing[0]!, list.document, { after: hostile });
      expect(body.errors?.map(({ extensions }: any) => extensions.code)).toEqual(['BAD_USER_INPUT']);
    }
  });
});

describe('by a consent that was withdrawn', () => {
  beforeAll(() => withdraw(cast.leaving));

  it('nothing is seen, and nothing is told of any cursor: its own, another consent’s, nobody’s', async () => {
    for (const { document } of ROOTS) expect((await askBy(cast.leaving, document)).body).toEqual({ data: { customer: null } });
    for (const list of LISTS) {
      const cursors = all().filter(mayList).flatMap((consent) => lists.get(listKey(consent, list))!.map(({ cursor }) => cursor as string));
      for (const after of [null, ...cursors, asCursor(['999999999']), 'none']) {
        expect({ after, ...(await askBy(cast.leaving, list.document, { after })) }).toMatchObject({ after, status: 200, body: { data: { customer: null } } });
      }
    }
  });

  it('what it had is not seen by the bank’s other consents', async () => {
    const gone = [...marksSeenBy(cast.leaving)];
    for (const consent of cast.standing) {
      for (const { document } of ROOTS) {
        const { body, text } = await askBy(consent, within(document, consent));
        expect(body.data.customer).not.toBeNull();
        expect({ consent: consent.name, told: gone.filter((mark) => text.includes(`"${mark}"`)) }).toEqual({ consent: consent.name, told: [] });
      }
    }
  });
});
