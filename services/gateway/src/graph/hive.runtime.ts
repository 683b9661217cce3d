import { createGatewayRuntime, type GatewayRuntime, type UnifiedGraphHandler } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import { type DocumentNode, type EnumTypeDefinitionNode, Kind, parse, valueFromASTUntyped } from 'graphql';
import type { SubgraphTransport } from '../subgraphs/subgraph.transport';
import { exposePlan, trackProgress, useCheckedDocument } from './graph.plugins';

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

/** Makes the runtime that plans and executes over the subgraphs of a supergraph. Throws where one has no address. */
export function createRuntime(options: { supergraph: string; transport: SubgraphTransport }): GatewayRuntime {
  const supergraph = parse(options.supergraph, { noLocation: true });
  checkSubgraphs(supergraph, options.transport);
  return withoutSignalHandlers(
    () =>
      createGatewayRuntime({
        supergraph,
        unifiedGraphHandler: unifiedGraphHandler as UnifiedGraphHandler,
        transports: { http: options.transport } as never,
        plugins: () => [useCheckedDocument(), trackProgress(), exposePlan()],
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
