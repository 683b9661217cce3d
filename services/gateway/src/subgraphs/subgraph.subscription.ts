import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { fromSubgraph, type SubgraphError, subgraphFault, subgraphUnavailable } from './subgraph.errors';

export interface SubscriptionRequest {
  /** The subgraph's address; http is turned into ws. */
  readonly url: string;
  readonly query: string;
  readonly variables: Record<string, unknown> | undefined;
  /** Makes what connection_init carries: the signed identity of the one person behind this subscription. */
  readonly connectionParams: () => Record<string, unknown>;
}

export interface SubscriptionEvent {
  data?: unknown;
  errors?: readonly Error[];
}

// graphql-ws throws close events, and arrays of errors that the subgraph sent before the first event.
function toErrors(thrown: unknown): readonly Error[] {
  if (Array.isArray(thrown)) return thrown.map((error) => fromSubgraph(error as SubgraphError));
  const code = (thrown as { code?: unknown })?.code;
  if (typeof code === 'number' && code >= 4400)
    return [subgraphFault(`the subgraph closed the subscription with ${code}`)];
  return [subgraphUnavailable(thrown)];
}

/**
 * Opens a subscription at a subgraph on a socket of its own: a shared one would carry one person's identity for others.
 * Nothing is opened before the first event is asked for. A lost subgraph ends the stream with an error event.
 */
export async function* subscribeAtSubgraph(
  request: SubscriptionRequest,
): AsyncGenerator<SubscriptionEvent, void, undefined> {
  const client = createClient({
    url: request.url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    lazy: true,
    retryAttempts: 0,
    connectionParams: request.connectionParams,
    connectionAckWaitTimeout: 5_000,
    keepAlive: 15_000,
    onNonLazyError: () => undefined,
  });
  try {
    const events = client.iterate({
      query: request.query,
      ...(request.variables ? { variables: request.variables } : {}),
    });
    for await (const event of events) {
      yield {
        data: event.data,
        ...(event.errors ? { errors: event.errors.map((error) => fromSubgraph(error as SubgraphError)) } : {}),
      };
    }
  } catch (error) {
    yield { errors: toErrors(error) };
  } finally {
    await client.dispose();
  }
}
