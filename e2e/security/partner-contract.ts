import {
  buildSchema, getNamedType, type GraphQLArgument, type GraphQLField, type GraphQLInputField, type GraphQLInputType, type GraphQLObjectType,
  isInputObjectType, isLeafType, isListType, isNonNullType, isObjectType,
} from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NESTED, PLACES } from './partner-cast';

/** What banks see, as it is committed. */
export const contract = buildSchema(readFileSync(join(__dirname, '..', '..', 'partner.schema.graphql'), 'utf8'));

/** The door lets ten levels through. */
const DEPTH_MAX = 10;

/** A place in the variables of a root field that names a row. */
export interface RowPlace {
  readonly path: readonly string[];
  readonly list: boolean;
  /** The kind of the row, as ROWS has it. */
  readonly kind: string;
}

export interface RootField {
  /** Such as Query.partnerAccount. */
  readonly place: string;
  readonly name: string;
  readonly kind: 'query' | 'mutation';
  readonly field: GraphQLField<unknown, unknown>;
  /** Asks for all that can be answered, to the depth that the door allows. */
  readonly document: string;
  readonly rows: readonly RowPlace[];
}

const fieldsOf = (type: GraphQLObjectType) => Object.values(type.getFields());
const isConnection = (field: GraphQLField<unknown, unknown>): boolean => getNamedType(field.type).name.endsWith('Connection');

function argumentsOf(type: string, field: GraphQLField<unknown, unknown>): string {
  const given = NESTED[`${type}.${field.name}`];
  if (given) return given;
  const demanded = field.args.find((arg) => (isNonNullType(arg.type) && arg.defaultValue === undefined) || getNamedType(arg.type).name === 'ID');
  if (demanded) throw new Error(`${type}.${field.name} has ${demanded.name}: give it in NESTED of partner-cast.ts`);
  return isConnection(field) ? '(first: 2)' : '';
}

/** All fields of a type, each place of the contract noted in `seen`; '' where they lie too deep. */
function selection(type: GraphQLObjectType, depth: number, seen: Set<string>): string {
  const parts = fieldsOf(type).flatMap((field) => {
    const inner = getNamedType(field.type);
    const place = `${type.name}.${field.name}`;
    if (isLeafType(inner)) return seen.add(place) && [field.name];
    if (!isObjectType(inner)) throw new Error(`${place} is of ${inner.name}: the matrix knows objects alone`);
    const below = depth + 1 < DEPTH_MAX ? selection(inner, depth + 1, seen) : '';
    if (!below) return [];
    seen.add(place);
    return [`${field.name}${argumentsOf(type.name, field)} ${below}`];
  });
  return parts.length ? `{ ${parts.join(' ')} }` : '';
}

/** Where in these arguments rows are named. A text or an id that nobody has classified fails the test. */
function rowsIn(owner: string, args: readonly (GraphQLArgument | GraphQLInputField)[], path: string[]): RowPlace[] {
  return args.flatMap((arg) => {
    const named = getNamedType(arg.type as GraphQLInputType);
    const place = path.length ? `${owner}.${arg.name}` : `${owner}(${arg.name})`;
    if (isInputObjectType(named)) return rowsIn(named.name, Object.values(named.getFields()), [...path, arg.name]);
    if (arg.name === 'after' || (named.name !== 'ID' && named.name !== 'String')) return [];
    const kind = PLACES[place];
    if (kind === undefined) throw new Error(`${place} is in no line of PLACES in partner-cast.ts: say which row it names, or that it is a value`);
    if (kind === 'value') {
      if (named.name === 'ID') throw new Error(`${place} is an id and no value: it names a row`);
      return [];
    }
    return [{ path: [...path, arg.name], list: isListType(isNonNullType(arg.type) ? arg.type.ofType : arg.type), kind }];
  });
}

/** Every query and mutation of the contract, and the places that their documents reach. */
export function rootFields(): { fields: RootField[]; reached: ReadonlySet<string> } {
  const reached = new Set<string>();
  const roots = [['query', contract.getQueryType()!], ['mutation', contract.getMutationType()!]] as const;
  const fields = roots.flatMap(([kind, type]) => fieldsOf(type).map((field): RootField => {
    const place = `${type.name}.${field.name}`;
    reached.add(place);
    const wanted = field.args.filter((arg) => isNonNullType(arg.type));
    const variables = wanted.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
    const args = wanted.length ? `(${wanted.map((arg) => `${arg.name}: $${arg.name}`).join(', ')})` : argumentsOf(type.name, field);
    const inner = getNamedType(field.type);
    const below = isObjectType(inner) ? selection(inner, 1, reached) : '';
    return {
      place, name: field.name, kind, field, rows: rowsIn(place, field.args, []),
      document: `${kind}${variables ? ` (${variables})` : ''} { ${field.name}${args} ${below} }`,
    };
  }));
  return { fields, reached };
}

/** Every field that an answer of the contract can have. */
export function allPlaces(): string[] {
  return Object.values(contract.getTypeMap())
    .filter((type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'))
    .flatMap((type) => fieldsOf(type).map(({ name }) => `${type.name}.${name}`));
}

/** A list that is read by cursors, with a document that reads it behind `$after`. */
export interface CursorList {
  readonly place: string;
  readonly root: string;
  readonly document: string;
  /** Where in an answer of the document the list stands. */
  readonly path: readonly string[];
}

/** A field on the way from a query to another. */
export interface Step {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
}

/** Every list with cursors, by the shortest way to it from a query. */
export function cursorLists(): CursorList[] {
  const found = new Map<string, Step[]>();
  const query = contract.getQueryType()!;
  const queue: Step[][] = fieldsOf(query).map((field) => [{ type: query, field }]);
  const visited = new Set<string>();
  for (let way = queue.shift(); way; way = queue.shift()) {
    const { type, field } = way.at(-1)!;
    const place = `${type.name}.${field.name}`;
    const inner = getNamedType(field.type);
    if (visited.has(place) || !isObjectType(inner)) continue;
    visited.add(place);
    if (isConnection(field)) found.set(place, way);
    for (const next of fieldsOf(inner)) queue.push([...way, { type: inner, field: next }]);
  }
  return [...found].map(([place, way]) => {
    const root = way[0]!.field;
    const wanted = root.args.filter((arg) => isNonNullType(arg.type));
    const variables = ['$after: String', ...wanted.map((arg) => `$${arg.name}: ${String(arg.type)}`)].join(', ');
    const call = ({ type, field }: Step, index: number): string => {
      if (index === way.length - 1 && isConnection(field)) return `(${[...(index === 0 ? wanted.map((arg) => `${arg.name}: $${arg.name}`) : []), 'first: 50', 'after: $after'].join(', ')})`;
      if (index === 0 && wanted.length) return `(${wanted.map((arg) => `${arg.name}: $${arg.name}`).join(', ')})`;
      return argumentsOf(type.name, field);
    };
    const node = getNamedType(fieldsOf(getNamedType(way.at(-1)!.field.type) as GraphQLObjectType).find(({ name }) => name === 'edges')!.type) as GraphQLObjectType;
    const item = getNamedType(node.getFields()['node']!.type) as GraphQLObjectType;
    const leaves = fieldsOf(item).filter((field) => isLeafType(getNamedType(field.type))).map(({ name }) => name).join(' ');
    const end = `{ edges { cursor node { __typename ${leaves} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`;
    const text = way.reduceRight((below, step, index) => `${step.field.name}${call(step, index)} ${index === way.length - 1 ? end : `{ ${below} }`}`, '');
    return { place, root: `Query.${root.name}`, document: `query (${variables}) { ${text} }`, path: way.map((step) => step.field.name) };
  });
}
