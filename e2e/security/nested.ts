import {
  getNamedType, type GraphQLArgument, type GraphQLField, type GraphQLInputType, type GraphQLSchema, isNonNullType, isObjectType,
} from 'graphql';
import { firstOf, literalOf, selectionOf } from './documents';
import type { Step } from './partner-contract';

/** An argument of a field below a query, with a document that gives it as `$nested`. */
export interface NestedArgument {
  /** Such as User.transactions(walletId). */
  readonly place: string;
  /** Such as Query.viewer. */
  readonly root: string;
  readonly rootField: GraphQLField<unknown, unknown>;
  /** Its name and its type. */
  readonly argument: string;
  readonly type: GraphQLInputType;
  readonly document: string;
  /** Where in an answer the field stands; lists on the way are gone through. */
  readonly path: readonly string[];
}

/** The door lets ten levels through, and what the field answers is to be read as well. */
const STEPS_MAX = 7;

/** Every argument of fields below queries that is wanted: from each query by the shortest way. */
export function nestedArguments(schema: GraphQLSchema, isWanted: (arg: GraphQLArgument) => boolean): NestedArgument[] {
  const query = schema.getQueryType()!;
  return Object.values(query.getFields()).flatMap((field) => waysFrom({ type: query, field }))
    .flatMap((way) => way.at(-1)!.field.args.filter(isWanted).map((arg) => asked(way, arg)));
}

/** The shortest ways to each field below a query. */
function waysFrom(root: Step): Step[][] {
  const found = new Map<string, Step[]>();
  const queue = [[root]];
  for (let way = queue.shift(); way; way = queue.shift()) {
    const type = getNamedType(way.at(-1)!.field.type);
    if (!isObjectType(type) || way.length >= STEPS_MAX) continue;
    for (const field of Object.values(type.getFields())) {
      const place = `${type.name}.${field.name}`;
      if (found.has(place)) continue;
      const next = [...way, { type, field }];
      found.set(place, next);
      queue.push(next);
    }
  }
  return [...found.values()];
}

function asked(way: readonly Step[], nested: GraphQLArgument): NestedArgument {
  const [{ field: root }, { type, field }] = [way[0]!, way.at(-1)!];
  const rootArguments = root.args.filter((arg) => isNonNullType(arg.type));
  const call = (step: Step, index: number): string => {
    if (index === 0) return listed(rootArguments.map((arg) => `${arg.name}: $${arg.name}`), step.field);
    const isLast = index === way.length - 1;
    const required = step.field.args.filter((arg) => isNonNullType(arg.type) && !(isLast && arg === nested)).map((arg) => `${arg.name}: ${literalOf(arg.name)}`);
    return listed(isLast ? [...required, `${nested.name}: $nested`] : required, step.field);
  };
  const end = selectionOf(field.type, 1);
  const text = way.reduceRight((below, step, index) => `${step.field.name}${call(step, index)} ${index === way.length - 1 ? end : `{ ${below} }`}`, '');
  const variables = [...rootArguments.map((arg) => `$${arg.name}: ${String(arg.type)}`), `$nested: ${String(nested.type)}`].join(', ');
  return {
    place: `${type.name}.${field.name}(${nested.name})`, root: `Query.${root.name}`, rootField: root, argument: nested.name, type: nested.type,
    document: `query (${variables}) { ${text} }`, path: way.map((step) => step.field.name),
  };
}

function listed(args: readonly string[], field: GraphQLField<unknown, unknown>): string {
  if (firstOf(field)) return `(${[...args, 'first: 2'].join(', ')})`;
  return args.length > 0 ? `(${args.join(', ')})` : '';
}

/** All that stands at a path of an answer: what is null or an empty list leads nowhere. */
export function standingAt(data: unknown, path: readonly string[]): unknown[] {
  const here = Array.isArray(data) ? data : [data];
  const [name, ...rest] = path;
  const there = here.filter((value) => value !== null && value !== undefined);
  return name === undefined ? there : there.flatMap((value) => standingAt((value as Record<string, unknown>)[name], rest));
}
