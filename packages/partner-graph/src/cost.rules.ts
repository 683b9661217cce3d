import { getNamedType, type GraphQLField, type GraphQLSchema, isCompositeType, isListType, isNonNullType, isObjectType, isInterfaceType, isUnionType, type GraphQLNamedType, type GraphQLOutputType } from 'graphql';
import type { GraphPolicy, Names, Violation } from './policy';

/** Entries of a list that says nothing of its length; the gateway reckons with the same. */
const UNSIZED_LIST = 10;
const PAGE_MAX = 100;
/** Deeper than the door lets anybody ask from here on. */
const DEPTH_MAX = 6;
const SIZES = ['first', 'last'];

function listsIn(type: GraphQLOutputType): number {
  if (isNonNullType(type)) return listsIn(type.ofType);
  return isListType(type) ? 1 + listsIn(type.ofType) : 0;
}

/** The page that a field gives unless it is asked for another; undefined where it has none. */
function pageOf(field: GraphQLField<unknown, unknown>): number | undefined {
  const sizes = field.args.filter(({ name }) => SIZES.includes(name));
  if (sizes.length === 0) return undefined;
  const given = sizes.find(({ defaultValue }) => typeof defaultValue === 'number')?.defaultValue;
  // One below 1 is no page, and would take away from what its neighbours cost.
  return typeof given === 'number' && given >= 1 ? given : PAGE_MAX;
}

const fieldsOf = (type: GraphQLNamedType, schema: GraphQLSchema): GraphQLField<unknown, unknown>[] => {
  if (isObjectType(type) || isInterfaceType(type)) return Object.values(type.getFields());
  // Only one of them is there; the dearest counts.
  return isUnionType(type) ? schema.getPossibleTypes(type).flatMap((member) => Object.values(member.getFields())) : [];
};

interface Below {
  readonly depth: number;
  readonly page: number | undefined;
}

interface Looked {
  readonly schema: GraphQLSchema;
  readonly names: Names;
  /** What is more costs this: nobody needs to know how much more. */
  readonly enough: number;
  /** What lies below a type, by type, depth and page: there are more ways through a graph than there are places in it. */
  readonly known: Map<string, number>;
}

function costOf(field: GraphQLField<unknown, unknown>, { depth, page }: Below, looked: Looked): number {
  const type = getNamedType(field.type);
  if (!isCompositeType(type)) return 0;
  const lists = listsIn(field.type);
  const asked = pageOf(field);
  // What lies beyond an entity of ours is ours, and is counted by the gateway when it is asked for.
  const own = type.name.startsWith(looked.names.type);
  const below = own && depth < DEPTH_MAX ? costBelow(type, { depth: depth + 1, page: lists > 0 ? undefined : asked }, looked) : 0;
  const size = lists === 0 ? 1 : (asked ?? page ?? UNSIZED_LIST) * UNSIZED_LIST ** (lists - 1);
  return Math.min(looked.enough, size * (1 + below));
}

/** What all fields of a type cost, at a depth; `enough` where it is that much or more. */
function costBelow(type: GraphQLNamedType, below: Below, looked: Looked): number {
  const key = `${type.name} ${below.depth} ${below.page}`;
  const known = looked.known.get(key);
  if (known !== undefined) return known;
  let sum = 0;
  for (const child of fieldsOf(type, looked.schema)) {
    sum += costOf(child, below, looked);
    if (sum >= looked.enough) break;
  }
  looked.known.set(key, sum);
  return sum;
}

/** What each field that a bank adds costs with everything below it, to the depth that the door allows. */
export function costViolations(schema: GraphQLSchema, { names, policy }: { names: Names; policy: GraphPolicy }): Violation[] {
  const entries = ['Query', ...policy.extendable].flatMap((name) => {
    const type = schema.getType(name);
    const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
    return fields.filter((field) => field.name.startsWith(names.slug)).map((field) => ({ place: `${name}.${field.name}`, field }));
  });
  const looked: Looked = { schema, names, enough: policy.costMax + 1, known: new Map() };
  return entries.flatMap(({ place, field }): Violation[] => {
    if (costOf(field, { depth: 0, page: undefined }, looked) <= policy.costMax) return [];
    const message = `With all that is below it this costs more than ${policy.costMax}, which is what is allowed. Give lists a smaller default page (first: Int = 5) or fewer levels.`;
    return [{ code: 'COST', place, message }];
  });
}
