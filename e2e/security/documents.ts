import {
  buildASTSchema, getNamedType, type GraphQLArgument, type GraphQLField, type GraphQLInputType, type GraphQLOutputType, type GraphQLSchema, isInputObjectType,
  isLeafType, isListType, isNonNullType, isObjectType, parse,
} from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composedApi } from '../outside/composed-api';

const ROOT = join(__dirname, '..', '..');

export interface Rules {
  readonly things: Readonly<Record<string, readonly string[]>>;
  readonly ids: Readonly<Record<string, string>>;
  readonly operations: Readonly<Record<string, 'anybody' | 'signed-in' | 'operators' | 'partners'>>;
  readonly entities: Readonly<Record<string, readonly string[]>>;
}

export const rules = JSON.parse(readFileSync(join(ROOT, 'supergraph.ownership.json'), 'utf8')) as Rules;

/** The schema that a subgraph's build emitted. */
export function schemaOf(subgraph: string): GraphQLSchema {
  const sdl = readFileSync(join(ROOT, 'services', subgraph, 'schema.graphql'), 'utf8');
  return buildASTSchema(parse(sdl), { assumeValidSDL: true });
}

export const SUBGRAPHS: readonly string[] = (JSON.parse(readFileSync(join(ROOT, 'scripts', 'subgraphs.json'), 'utf8')) as { name: string }[])
  .map(({ name }) => name);

/** A selection of all that can be read of a type without arguments, a few levels deep; '' for a leaf. */
export function selectionOf(type: GraphQLOutputType, depth = 3): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  if (!isObjectType(named)) throw new Error(`no selection is known for ${named.name}`);
  const fields = Object.values(named.getFields()).filter((field) => field.args.every((arg) => !isNonNullType(arg.type)));
  const parts = fields.flatMap((field) => {
    if (isLeafType(getNamedType(field.type))) return [field.name];
    if (depth === 0) return [];
    const inner = selectionOf(field.type, depth - 1);
    return inner ? [`${field.name}${firstOf(field)} ${inner}`] : [];
  });
  return parts.length ? `{ ${parts.join(' ')} }` : '';
}

/** What required arguments below the root are asked with. */
const VALUES: Readonly<Record<string, string>> = {
  currency: '"USD"', month: JSON.stringify(new Date().toISOString().slice(0, 7)), format: 'CSV', chunk: '0',
};

/** A literal for a required argument of a field that is no root. */
export function literalOf(argument: string): string {
  const value = VALUES[argument];
  if (value === undefined) throw new Error(`VALUES of documents.ts has nothing for the argument ${argument}`);
  return value;
}

/** Lists are asked for by two: what is there shows, and the cost stays low. */
export const firstOf = (field: GraphQLField<unknown, unknown>): string => (field.args.some((arg) => arg.name === 'first') ? '(first: 2)' : '');

export interface Operation {
  /** As the rules name it, e.g. Mutation.topUp. */
  readonly place: string;
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly field: GraphQLField<unknown, unknown>;
  readonly document: string;
  /** Where its variables carry ids, and of what. */
  readonly ids: readonly { readonly place: string; readonly path: readonly string[]; readonly thing: string; readonly list: boolean }[];
}

/** The graph as people see it. */
export const graph: GraphQLSchema = buildASTSchema(parse(composedApi()));

export const isIdArgument = (arg: GraphQLArgument): boolean => getNamedType(arg.type).name === 'ID';

/**
 * Every query, mutation and subscription of a schema, with a document that asks for all it can answer. What need not be given is left
 * out, but for what is wanted: ids, since a filter by somebody else's is a way in, too.
 */
export function operations({ schema = graph, isWanted = isIdArgument }: { schema?: GraphQLSchema; isWanted?: (arg: GraphQLArgument) => boolean } = {}): Operation[] {
  const roots = [['query', schema.getQueryType()], ['mutation', schema.getMutationType()], ['subscription', schema.getSubscriptionType()]] as const;
  return roots.flatMap(([kind, type]) => Object.values(type?.getFields() ?? {}).map((field) => {
    const place = `${type!.name}.${field.name}`;
    const wanted = field.args.filter((arg) => isNonNullType(arg.type) || isWanted(arg));
    const variables = wanted.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
    const args = [...wanted.map((arg) => `${arg.name}: $${arg.name}`), ...(field.args.some((arg) => arg.name === 'first') ? ['first: 2'] : [])].join(', ');
    const call = `${field.name}${args ? `(${args})` : ''} ${selectionOf(field.type, kind === 'subscription' ? 0 : 2)}`;
    const ids = wanted.flatMap((arg) => idsIn(arg.type, [arg.name], `${place}(${arg.name})`));
    return { place, name: field.name, kind, field, document: `${kind}${variables ? ` (${variables})` : ''} { ${call} }`, ids };
  }));
}

function idsIn(type: GraphQLInputType, path: string[], place: string): Operation['ids'][number][] {
  const named = getNamedType(type);
  if (named.name === 'ID') {
    const thing = rules.ids[place];
    if (!thing) throw new Error(`${place} has no rule`);
    return [{ place, path, thing, list: isListType(isNonNullType(type) ? type.ofType : type) }];
  }
  if (!isInputObjectType(named)) return [];
  return Object.values(named.getFields()).flatMap((field) => idsIn(field.type, [...path, field.name], `${named.name}.${field.name}`));
}

/** The same variables with another value at a path. */
export function withValue(variables: Record<string, unknown>, path: readonly string[], value: unknown): Record<string, unknown> {
  const [name = '', ...rest] = path;
  const inner = rest.length ? withValue((variables[name] ?? {}) as Record<string, unknown>, rest, value) : value;
  return { ...variables, [name]: inner };
}
