import type { Identity } from '@tael/platform/identity';
import {
  type DocumentNode,
  getVariableValues,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from 'graphql';
import type { SubgraphOutcome, SubgraphTransport } from '../subgraphs/subgraph.transport';
import { type Shape, shapeOf } from './answer.shape';
import type { QueryPlan } from './query.plan';

/** So many variables of @skip and @include make so many forms of an answer that each is worked out once. */
const CONDITIONS_MAX = 3;

/** A valid operation with what the client sent for it. */
export interface PassRequest {
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly identity: Identity;
}

/** An operation was asked of its subgraph: `data` where the answer is the client's as it is, else only what came. */
export type Passed =
  | { readonly kind: 'answered'; readonly data: unknown; readonly body: Buffer }
  | { readonly kind: 'asked'; readonly outcome: SubgraphOutcome };

/** How an operation goes to the one subgraph that answers all of it. */
interface Route {
  readonly subgraph: string;
  /** The body of the request up to its variables. */
  readonly head: string;
  readonly variableUsages: readonly string[];
  readonly shapeFor: (variables: Readonly<Record<string, unknown>>) => Shape | undefined;
}

/**
 * Sends operations that one subgraph answers whole straight to it, and gives its answer on as it came. Nothing is
 * taken on trust: an answer that is not exactly what was asked for goes the long way, through the runtime.
 */
export interface PassThrough {
  /** Learns from a plan of the runtime how an operation is to be answered. */
  learn(document: DocumentNode, operation: OperationDefinitionNode, plan: QueryPlan | undefined): void;
  /** Asks the subgraph; undefined where the operation has to go through the runtime from the beginning. */
  pass(request: PassRequest): Promise<Passed | undefined>;
  knows(operation: OperationDefinitionNode): boolean;
}

/** Gives the variables that decide what is answered, or undefined where there is introspection among the fields. */
function conditionsOf(document: DocumentNode): readonly string[] | undefined {
  const variables = new Set<string>();
  let introspects = false;
  visit(document, {
    Field: ({ name }) => void (introspects ||= name.value === '__schema' || name.value === '__type'),
    Directive(node) {
      for (const { value } of node.arguments ?? []) if (value.kind === Kind.VARIABLE) variables.add(value.name.value);
    },
  });
  return introspects ? undefined : [...variables];
}

function routeOf(
  schema: GraphQLSchema,
  asked: { document: DocumentNode; operation: OperationDefinitionNode },
  plan: QueryPlan | undefined,
): Route | undefined {
  const fetch = plan?.node;
  if (fetch?.kind !== 'Fetch' || fetch.requires || fetch.inputRewrites?.length || fetch.outputRewrites?.length) {
    return undefined;
  }
  const { document, operation } = asked;
  if (operation.operation === OperationTypeNode.SUBSCRIPTION || fetch.operationKind !== operation.operation) return undefined;
  const conditions = conditionsOf(document);
  if (!conditions || conditions.length > CONDITIONS_MAX) return undefined;
  const shapes = new Map<string, Shape | undefined>();
  return {
    subgraph: fetch.serviceName,
    head: `{"query":${JSON.stringify(fetch.operation)}`,
    variableUsages: fetch.variableUsages ?? [],
    shapeFor(variables) {
      const key = conditions.length === 0 ? '' : conditions.map((name) => variables[name]).join();
      if (!shapes.has(key)) shapes.set(key, shapeOf(schema, document, { operation, variables }));
      return shapes.get(key);
    },
  };
}

function bodyOf({ head, variableUsages }: Route, variables: Readonly<Record<string, unknown>>): string {
  const selected: Record<string, unknown> = {};
  for (const name of variableUsages) if (Object.hasOwn(variables, name)) selected[name] = variables[name];
  const isEmpty = Object.keys(selected).length === 0;
  return isEmpty ? `${head}}` : `${head},"variables":${JSON.stringify(selected)}}`;
}

// `{"data": …}` and nothing besides: with errors, or what no subgraph of ours sends, the runtime has to look at it.
function dataOf(text: string): unknown {
  try {
    const body = JSON.parse(text) as Record<string, unknown> | null;
    if (typeof body !== 'object' || body === null) return undefined;
    const keys = Object.keys(body);
    return keys.length === 1 && keys[0] === 'data' ? body['data'] : undefined;
  } catch {
    return undefined;
  }
}

// The runtime's answers end with the brace. With the line's end that subgraphs add, the length of an answer would tell that somebody
// has asked the same before.
const withoutLineEnd = (body: Buffer): Buffer => (body.at(-1) === 0x0a ? body.subarray(0, -1) : body);

export function createPassThrough(options: { schema: GraphQLSchema; transport: SubgraphTransport }): PassThrough {
  const { schema, transport } = options;
  // Null: planned, but of more than one subgraph. Operations go with their document.
  const routes = new WeakMap<OperationDefinitionNode, Route | null>();

  return {
    learn(document, operation, plan) {
      if (routes.has(operation)) return;
      const route = routeOf(schema, { document, operation }, plan);
      routes.set(operation, route && transport.answersDirectly?.(route.subgraph) !== false ? route : null);
    },
    knows: (operation) => routes.has(operation),
    async pass({ operation, variables, identity }) {
      const route = routes.get(operation);
      if (!route) return undefined;
      // What cannot be read is refused by the runtime, in its words.
      const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
      const shape = coerced && route.shapeFor(coerced);
      if (!coerced || !shape) return undefined;
      const isQuery = operation.operation === OperationTypeNode.QUERY;
      const outcome = await transport.send(route.subgraph, bodyOf(route, coerced), { identity, isQuery });
      if (!outcome.answer || outcome.answer.status !== 200) return { kind: 'asked', outcome };
      const data = dataOf(outcome.answer.body.toString('utf8'));
      if (data === undefined || !shape(data)) return { kind: 'asked', outcome };
      return { kind: 'answered', data, body: withoutLineEnd(outcome.answer.body) };
    },
  };
}
