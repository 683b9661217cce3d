import fc from 'fast-check';
import { buildSchema, getNamedType, type GraphQLField, type GraphQLObjectType, type GraphQLOutputType, type GraphQLSchema, isListType, isNonNullType, isObjectType } from 'graphql';
import { costViolations } from './cost.rules';
import { namesOf, PARTNER_POLICY } from './policy';

const names = namesOf('nordbank')!;
const placesIn = (sdl: string, costMax = PARTNER_POLICY.costMax): string[] =>
  costViolations(buildSchema(sdl), { names, policy: { ...PARTNER_POLICY, costMax } }).map(({ place }) => place);

const listsIn = (type: GraphQLOutputType): number =>
  isNonNullType(type) ? listsIn(type.ofType) : isListType(type) ? 1 + listsIn(type.ofType) : 0;

/** The rule as it reads, way by way: what is worked out once for all ways must come to the same. */
function costByEveryWay(field: GraphQLField<unknown, unknown>, depth: number, page: number | undefined): number {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) return 0;
  const lists = listsIn(field.type);
  const first = field.args.find(({ name }) => name === 'first');
  const asked = first && (typeof first.defaultValue === 'number' ? first.defaultValue : 100);
  const below = depth < 6 && type.name.startsWith('Nordbank')
    ? Object.values(type.getFields()).reduce((sum, child) => sum + costByEveryWay(child, depth + 1, lists > 0 ? undefined : asked), 0)
    : 0;
  return (lists === 0 ? 1 : (asked ?? page ?? 10) * 10 ** (lists - 1)) * (1 + below);
}

const rootCostOf = (schema: GraphQLSchema): number => costByEveryWay((schema.getQueryType() as GraphQLObjectType).getFields()['nordbank']!, 0, undefined);

describe('the cost of what a bank adds', () => {
  it('that goes round in forty fields is told at once, as too much', () => {
    const round = Array.from({ length: 40 }, (_none, index) => `f${index}: NordbankBank`).join(' ');
    expect(placesIn(`type Query { nordbank: NordbankBank } type NordbankBank { ${round} }`)).toEqual(['Query.nordbank']);
  });

  it('that goes round through many types and pages, too', () => {
    const round = (at: number) => Array.from({ length: 30 }, (_none, index) => `f${index}(first: Int = ${index + 1}): NordbankT${(at + index) % 50}`).join(' ');
    const types = Array.from({ length: 50 }, (_none, at) => `type NordbankT${at} { ${round(at)} }`).join(' ');
    expect(placesIn(`type Query { nordbank: NordbankT0 } ${types}`)).toEqual(['Query.nordbank']);
  });

  test.each([['-1'], ['0'], ['null']])('counts a page of %s as the longest there is: nobody is given such a page', (page) => {
    const sdl = `type Query { nordbank: NordbankBank } type NordbankBank { dear: [NordbankThing] things(first: Int = ${page}): [NordbankThing] } type NordbankThing { id: ID }`;
    // The bank itself, ten things without a page, and a hundred.
    expect([placesIn(sdl, 110), placesIn(sdl, 111)]).toEqual([['Query.nordbank'], []]);
  });

  it('is the one that every way through the graph adds up to', () => {
    const field = fc.record({ of: fc.nat({ max: 3 }), lists: fc.nat({ max: 1 }), page: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }) });
    const types = fc.array(fc.array(field, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 3 });
    fc.assert(fc.property(types, fc.boolean(), (given, many) => {
      const written = given.map((fields, at) => {
        const inside = fields.map(({ of, lists, page }, index) => {
          const type = of === 3 ? 'Other' : `NordbankT${of}`;
          return `f${index}${page === undefined ? '' : `(first: Int = ${page})`}: ${lists === 0 ? type : `[${type}!]`}`;
        });
        return `type NordbankT${at} { id: ID ${inside.join(' ')} }`;
      });
      const sdl = `type Query { nordbank: ${many ? '[NordbankT0]' : 'NordbankT0'} } type Other { id: ID } ${written.join(' ')}`;
      const cost = rootCostOf(buildSchema(sdl));
      expect([placesIn(sdl, cost - 1), placesIn(sdl, cost)]).toEqual([['Query.nordbank'], []]);
    }), { numRuns: 100 });
  });
});
