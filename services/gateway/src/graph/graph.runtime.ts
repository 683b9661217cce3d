import type { GatewayRuntime } from '@graphql-hive/gateway-runtime';
import type { DeviceMark, Identity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { Admission } from '../limits/admission.check';
import type { SubgraphOutcome, SubgraphTransport } from '../subgraphs/subgraph.transport';
import { createDocumentCache, type DocumentCache } from './document.cache';
import { isVariableError } from './error.presenter';
import type { Progress, RunContext } from './graph.plugins';
import { createRuntime } from './hive.runtime';
import { createPassThrough } from './pass-through';
import type { QueryPlan } from './query.plan';
import { type SessionFields, sessionFieldsOf } from './session.fields';
import { createResultPresenter, type PresentedResult } from './result.presenter';

export type { PresentedResult } from './result.presenter';

/** A GraphQL request, its form already checked. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Record<string, unknown> | undefined;
}

/** `refused`: the operation did not run. `executed`: it ran, perhaps with errors. `stream`: a subscription. */
export type Answer =
  | { readonly kind: 'refused'; readonly result: PresentedResult; readonly wrongMethod: boolean }
  | {
      readonly kind: 'executed';
      readonly result: PresentedResult;
      readonly cost: number;
      /** The result as it came from the one subgraph that was asked, written in JSON. */
      readonly written?: Buffer;
      /** Whether a session stands in it: the client's device is to be known again. */
      readonly givesSession?: boolean;
    }
  | { readonly kind: 'stream'; readonly events: AsyncIterable<PresentedResult> };

/** One composed graph, ready to answer. */
export interface Graph {
  /** `markOf` is asked where somebody comes in; doors that keep no marks of devices bring none. */
  execute(request: OperationRequest, identity: Identity, method: 'GET' | 'POST', markOf?: () => DeviceMark): Promise<Answer>;
  /** Waits for what runs, then lets go of the runtime. Open subscriptions go on to their own end. */
  retire(): Promise<void>;
}

/** Gives what speaks against an operation that has passed all other checks, before it runs. */
export type Screen = (asked: {
  readonly schema: GraphQLSchema;
  readonly documents: DocumentCache;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Record<string, unknown> | undefined;
  /** What one operation of the caller may cost. */
  readonly costMax: number;
}) => readonly GraphQLError[];

export interface GraphOptions {
  supergraph: string;
  transport: SubgraphTransport;
  introspection: boolean;
  admission: Admission;
  log: Logger;
  screen?: Screen | undefined;
  /** Sends everything through the runtime: a test compares both ways. */
  passThrough?: boolean;
}

type RuntimeResult = ExecutionResult | AsyncIterable<ExecutionResult>;

/** A request whose document has passed all checks. */
interface ReadyRequest {
  readonly request: OperationRequest;
  readonly identity: Identity;
  readonly method: 'GET' | 'POST';
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode | undefined;
}

const isStream = (result: RuntimeResult): result is AsyncIterable<ExecutionResult> => Symbol.asyncIterator in result;

const areVariableErrors = ({ data, errors }: ExecutionResult): boolean =>
  data === undefined && errors !== undefined && errors.length > 0 && errors.every(isVariableError);

function asGraphQLErrors(thrown: unknown): readonly GraphQLError[] {
  if (thrown instanceof AggregateError) return thrown.errors.flatMap(asGraphQLErrors);
  if (thrown instanceof GraphQLError) return [thrown];
  return [
    new GraphQLError('unexpected', { originalError: thrown instanceof Error ? thrown : new Error(String(thrown)) }),
  ];
}

const isWrongMethod = (error: GraphQLError): boolean =>
  (error.extensions['http'] as { status?: number } | undefined)?.status === 405;

/** The request of somebody who comes in, with the mark of their device where the door keeps marks. */
function comingIn(ready: ReadyRequest, markOf: (() => DeviceMark) | undefined): ReadyRequest {
  return markOf ? { ...ready, identity: { ...ready.identity, device: markOf() } } : ready;
}

function withSession(answer: Answer, sessions: SessionFields | null): Answer {
  if (!sessions || answer.kind !== 'executed') return answer;
  return { ...answer, givesSession: sessions.isGiven(answer.result.data) };
}

/** Has the runtime plan and execute a request. What it throws is what it refused. */
async function askRuntime(
  runtime: GatewayRuntime,
  { request, method }: ReadyRequest,
  context: RunContext,
): Promise<RuntimeResult> {
  // The runtime's own HTTP layer is not used; of the request it only wants to know whether it may change anything.
  const http = { request: { method }, headers: {}, waitUntil: () => undefined };
  const call = { params: request, request: http.request };
  try {
    return (await runtime.getResultForParams(call as never, Object.assign(context, http) as never)) as RuntimeResult;
  } catch (thrown) {
    return { errors: asGraphQLErrors(thrown) };
  }
}

/**
 * Builds a graph of a supergraph's text. Rejects where it is broken or names a subgraph without an address.
 *
 * A request goes through document (parsed and checked once a text), admission (cost and rate), and then straight to its
 * subgraph where there is only one, or through the runtime.
 */
export async function createGraph(options: GraphOptions): Promise<Graph> {
  const { log, introspection, admission, transport } = options;
  const runtime = createRuntime(options);
  const schema = await runtime.getSchema();
  const documents = createDocumentCache({ schema, introspection });
  const passThrough = options.passThrough === false ? undefined : createPassThrough({ schema, transport });
  const presenter = createResultPresenter({ log, suggestions: introspection });
  let running = 0;
  let retired: (() => void) | undefined;

  function refusalOf(errors: readonly GraphQLError[], reference: string): Answer {
    return { kind: 'refused', result: presenter.errorsOf({ errors }, reference), wrongMethod: errors.some(isWrongMethod) };
  }

  async function runPlan(ready: ReadyRequest, cost: number, outcome?: SubgraphOutcome): Promise<Answer> {
    const { identity, document, operation } = ready;
    const { reference } = identity;
    const progress: Progress = { executed: false };
    const result = await askRuntime(runtime, ready, { identity, progress, document, outcome });
    if (isStream(result)) return { kind: 'stream', events: presenter.eventsOf(result, reference) };
    if (operation && progress.executed) {
      passThrough?.learn(document, operation, result.extensions?.['queryPlan'] as QueryPlan | undefined);
    }
    if (!progress.executed || areVariableErrors(result)) return refusalOf(result.errors ?? [], reference);
    const presented = { data: result.data ?? null, ...presenter.errorsOf(result, reference) };
    return { kind: 'executed', result: presented, cost };
  }

  async function ask(ready: ReadyRequest, cost: number): Promise<Answer> {
    const { operation, request: { variables }, identity } = ready;
    const passed = operation && (await passThrough?.pass({ operation, variables, identity }));
    if (passed?.kind !== 'answered') return runPlan(ready, cost, passed?.outcome);
    return { kind: 'executed', result: { data: passed.data }, cost, written: passed.body };
  }

  async function run(request: OperationRequest, identity: Identity, method: 'GET' | 'POST', markOf?: () => DeviceMark): Promise<Answer> {
    const { document, errors } = documents.read(request.query);
    if (errors) return refusalOf(errors, identity.reference);
    const operation = documents.operationOf(document, request.operationName);
    const ready: ReadyRequest = { request, identity, method, document, operation };
    // Refused by the runtime: no such operation, or one that changes something by GET.
    if (!operation || (method === 'GET' && operation.operation === OperationTypeNode.MUTATION)) return runPlan(ready, 0);
    const { operationName, variables } = request;
    let cost: number;
    try {
      cost = admission.admit({ schema, document, operationName, variables }, identity);
    } catch (thrown) {
      return refusalOf(asGraphQLErrors(thrown), identity.reference);
    }
    const against = options.screen?.({ schema, documents, document, operation, variables, costMax: admission.costMaxOf(identity) }) ?? [];
    if (against.length > 0) return refusalOf(against, identity.reference);
    const sessions = sessionFieldsOf(document, operation);
    return withSession(await ask(sessions?.isEntry ? comingIn(ready, markOf) : ready, cost), sessions);
  }

  return {
    async execute(request, identity, method, markOf) {
      running++;
      try {
        return await run(request, identity, method, markOf);
      } finally {
        if (--running === 0) retired?.();
      }
    },
    async retire() {
      if (running > 0) await new Promise<void>((resolve) => (retired = resolve));
      await runtime.dispose();
    },
  };
}
