import { createGatewayRuntime, type GatewayRuntime, type UnifiedGraphHandler } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import type { Identity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import {
  type DocumentNode,
  type EnumTypeDefinitionNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  Kind,
  parse,
  valueFromASTUntyped,
} from 'graphql';
import type { SubgraphTransport } from '../subgraphs/subgraph.transport';
import { pointAtNulls } from './error.paths';
import { isVariableError, presentError } from './error.presenter';
import { limitDocuments, type Progress, trackProgress } from './graph.plugins';

/** A GraphQL request, its form already checked. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Record<string, unknown> | undefined;
}

/** A result as it goes to the client. */
export interface PresentedResult {
  data?: unknown;
  errors?: readonly GraphQLFormattedError[];
}

/** `refused`: the operation did not run. `executed`: it ran, perhaps with errors. `stream`: a subscription. */
export type Answer =
  | { readonly kind: 'refused'; readonly result: PresentedResult; readonly wrongMethod: boolean }
  | { readonly kind: 'executed'; readonly result: PresentedResult }
  | { readonly kind: 'stream'; readonly events: AsyncIterable<PresentedResult> };

/** One composed graph, ready to answer. */
export interface Graph {
  execute(request: OperationRequest, identity: Identity, method: 'GET' | 'POST'): Promise<Answer>;
  /** Waits for what runs, then lets go of the runtime. Open subscriptions go on to their own end. */
  retire(): Promise<void>;
}

export interface GraphOptions {
  supergraph: string;
  transport: SubgraphTransport;
  introspection: boolean;
  log: Logger;
}

type RuntimeResult = ExecutionResult | AsyncIterable<ExecutionResult>;

// The runtime disposes itself at the first signal, while requests still run. Stopping is main.ts's affair.
function withoutSignalHandlers<T>(make: () => T): T {
  const events = ['SIGINT', 'SIGTERM', 'exit'] as const;
  const before = events.map((event) => process.listeners(event as 'SIGTERM'));
  const made = make();
  events.forEach((event, index) => {
    for (const listener of process.listeners(event as 'SIGTERM')) {
      if (!before[index]!.includes(listener)) process.removeListener(event, listener);
    }
  });
  return made;
}

function createRuntime(options: GraphOptions): GatewayRuntime {
  const supergraph = parse(options.supergraph, { noLocation: true });
  checkSubgraphs(supergraph, options.transport);
  return withoutSignalHandlers(
    () =>
      createGatewayRuntime({
        supergraph,
        unifiedGraphHandler: unifiedGraphHandler as UnifiedGraphHandler,
        transports: { http: options.transport } as never,
        plugins: () => [limitDocuments(options), trackProgress()],
        // Transport, masking, ids and pages are the gateway's own; the runtime plans and executes.
        __experimental__batchExecution: false,
        subgraphErrors: false,
        requestId: false,
        maskedErrors: false,
        graphiql: false,
        landingPage: false,
        logging: false,
      }) as GatewayRuntime,
  );
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

// Executors are made when they are first needed; a graph that could never answer must not replace one that does.
function checkSubgraphs(supergraph: DocumentNode, transport: SubgraphTransport): void {
  const graphs = supergraph.definitions.find(
    (node): node is EnumTypeDefinitionNode =>
      node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph',
  );
  const names = graphs?.values?.map((value) => {
    const given = value.directives?.find((directive) => directive.name.value === 'join__graph')?.arguments;
    return valueFromASTUntyped(given!.find((argument) => argument.name.value === 'name')!.value) as string;
  });
  if (!names?.length) throw new Error('the supergraph names no subgraph');
  names.forEach((subgraphName) => transport.getSubgraphExecutor({ subgraphName }));
}

/** Builds a graph of a supergraph's text. Rejects where it is broken or names a subgraph without an address. */
export async function createGraph(options: GraphOptions): Promise<Graph> {
  const { log, introspection } = options;
  const runtime = createRuntime(options);
  await runtime.getSchema();
  let running = 0;
  let retired: (() => void) | undefined;

  function present(result: ExecutionResult, reference: string): { errors?: readonly GraphQLFormattedError[] } {
    if (!result.errors?.length) return {};
    const context = { reference, log, suggestions: introspection, logged: new Set<Error>() };
    const presented = result.errors.map((error) => presentError(error, context));
    return { errors: pointAtNulls(presented, result.data) };
  }

  // The runtime collects the errors of all events of a subscription in one array: each event shows its own alone.
  async function* presentEvents(
    events: AsyncIterable<ExecutionResult>,
    reference: string,
  ): AsyncGenerator<PresentedResult> {
    let collected: readonly GraphQLError[] | undefined;
    let shown = 0;
    for await (const event of events) {
      if (event.errors !== collected) shown = 0;
      collected = event.errors;
      const errors = event.errors?.slice(shown) ?? [];
      shown = event.errors?.length ?? 0;
      yield { data: event.data ?? null, ...present({ data: event.data ?? null, errors }, reference) };
    }
  }

  function answerOf(result: RuntimeResult, reference: string, progress: Progress): Answer {
    if (isStream(result)) return { kind: 'stream', events: presentEvents(result, reference) };
    const errors = result.errors ?? [];
    const refused = !progress.executed || areVariableErrors(result);
    const presented = present(result, reference);
    if (!refused) return { kind: 'executed', result: { data: result.data ?? null, ...presented } };
    const wrongMethod = errors.some(
      (error) => (error.extensions['http'] as { status?: number } | undefined)?.status === 405,
    );
    return { kind: 'refused', result: presented, wrongMethod };
  }

  async function run(request: OperationRequest, identity: Identity, method: 'GET' | 'POST'): Promise<Answer> {
    const progress: Progress = { executed: false };
    // The runtime's own HTTP layer is not used; of the request it only wants to know whether it may change anything.
    const context = { identity, progress, headers: {}, request: { method }, waitUntil: () => undefined };
    const call = { params: request, request: context.request };
    try {
      const result = await runtime.getResultForParams(call as never, context as never);
      return answerOf(result as RuntimeResult, identity.reference, progress);
    } catch (thrown) {
      return answerOf({ errors: asGraphQLErrors(thrown) }, identity.reference, progress);
    }
  }

  return {
    async execute(request, identity, method) {
      running++;
      try {
        return await run(request, identity, method);
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
