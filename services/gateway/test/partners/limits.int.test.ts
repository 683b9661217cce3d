import { BODY_BYTES_MAX } from '../../src/http/request.reader';
import { ALIASES_MAX, DEPTH_MAX, DOCUMENT_LENGTH_MAX, TOKENS_MAX } from '../../src/graph/document.rules';
import { DIRECTIVES_MAX, REPEATS_MAX, SPREADS_MAX } from '../../src/limits/flood.rules';
import { MARKED_SDL } from '../subgraphs';
import { Bank, type PartnerGateway, startPartnerGateway } from './bank';

/** The contract of the tests, with a bank within a bank: else nothing in it is deep. */
const SDL = {
  ...MARKED_SDL,
  merchants: MARKED_SDL['merchants']!.replace('type Bank {', 'type Bank { next: Bank @tag(name: "partner") '),
};
let gateway: PartnerGateway;
let bank: Bank;
beforeAll(async () => {
  gateway = await startPartnerGateway({}, SDL);
  bank = await Bank.make();
  await bank.greet(gateway);
});
afterAll(() => gateway.close());

const times = (count: number, make: (n: number) => string): string => Array.from({ length: count }, (_, n) => make(n)).join(' ');

const deep = (levels: number): string => `{ partner { ${'next { '.repeat(levels - 2)} id ${'} '.repeat(levels - 2)} } }`;
const aliased = (count: number): string => `{ ${times(count, (n) => `a${n}: partner { id }`)} }`;
const repeated = (count: number): string => `{ partner { ${times(count, () => 'id')} } }`;
const spread = (count: number): string => `{ partner { ${times(count, () => '... { id }')} } }`;
const directed = (count: number): string => `{ ${times(Math.ceil(count / 10), (n) =>
  `a${n}: partner { ${times(Math.min(10, count - n * 10), () => 'id @skip(if: false)')} }`)} }`;
/** So many tokens, and few of anything else: 22 a fragment, five around them, and some fields. */
const long = (tokens: number): string => {
  const fragments = Math.floor((tokens - 5) / 22);
  const fields = tokens - 5 - fragments * 22;
  return `{ partner { ${times(fragments, (n) => `...F${n}`)} ${times(fields, () => 'id')} } } ${times(fragments, (n) =>
    `fragment F${n} on Bank { ${times(7, () => 'id')} ${times(7, () => 'name')} }`)}`;
};
const wide = (characters: number): string => '{ partner { id } } #'.padEnd(characters, 'x');

const heavy = (bytes: number): string => JSON.stringify({ query: '{ partner { id } }' }).padEnd(bytes, ' ');

describe('in the sandbox, where a bank sends any document, its door lets through', () => {
  test.each<[string, (count: number) => string, number, string, RegExp]>([
    ['levels', deep, DEPTH_MAX, 'GRAPHQL_VALIDATION_FAILED', /levels deep; 10 are allowed/],
    ['aliases', aliased, ALIASES_MAX, 'GRAPHQL_VALIDATION_FAILED', /aliases; 15 are allowed/],
    ['directives', directed, DIRECTIVES_MAX, 'GRAPHQL_VALIDATION_FAILED', /directives; 50 are allowed/],
    ['spreads', spread, SPREADS_MAX, 'GRAPHQL_VALIDATION_FAILED', /spreads 51 fragments; 50 are allowed/],
    ['of the same field', repeated, REPEATS_MAX, 'GRAPHQL_VALIDATION_FAILED', /repeats a field 11 times; 10 are allowed/],
    ['tokens', long, TOKENS_MAX, 'GRAPHQL_PARSE_FAILED', /more (than|that) 1000 tokens/],
    ['characters of a document', wide, DOCUMENT_LENGTH_MAX, 'GRAPHQL_PARSE_FAILED', /longer than 32768 characters/],
  ])('so many %s and no more', async (_what, make, most, code, why) => {
    const good = await bank.ask(gateway, { query: make(most) });
    expect([good.status, good.body.errors]).toEqual([200, undefined]);
    const before = gateway.subgraphs.seen.length;
    const { body } = await bank.ask(gateway, { query: make(most + 1) });
    expect(body.data).toBeUndefined();
    expect(body.errors).toMatchObject([{ message: expect.stringMatching(why), extensions: { code } }]);
    expect(gateway.subgraphs.seen.length).toBe(before);
  });

  test('bodies of 256 KiB and no larger', async () => {
    expect((await bank.ask(gateway, { body: heavy(BODY_BYTES_MAX) })).status).toBe(200);
    const before = gateway.subgraphs.seen.length;
    const { status, body } = await bank.ask(gateway, { body: heavy(BODY_BYTES_MAX + 1) });
    expect([status, body.errors?.map(({ extensions }) => extensions['code'])]).toEqual([413, ['PAYLOAD_TOO_LARGE']]);
    expect(gateway.subgraphs.seen.length).toBe(before);
  });
});
