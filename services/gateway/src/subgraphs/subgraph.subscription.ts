import { createClient } from 'graphql-ws';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { fromSubgraph, type SubgraphError, subgraphFault, subgraphUnavailable } from './subgraph.errors';
import type { Upstream } from './subgraph.upstream';

/** How long a stream whose instance was lost looks for another one. */
const RECONNECT_MS = 3_000;
const PAUSE_MIN_MS = 50;
const PAUSE_MAX_MS = 500;

export interface SubscriptionRequest {
  /** Where the instances of the subgraph are; http is turned into ws. */
  readonly upstream: Pick<Upstream, 'addressFor'>;
  readonly query: string;
  readonly variables: Record<string, unknown> | undefined;
  /** Makes what connection_init carries: the signed identity of the one person behind this subscription. */
  readonly connectionParams: () => Record<string, unknown>;
}

export interface SubscriptionEvent {
  data?: unknown;
  errors?: readonly Error[];
}

/** An instance went away under its subscription, or was not there. */
class Lost extends Error {}

// graphql-ws throws close events, and arrays of errors that the subgraph sent before the first event.
function toErrors(thrown: unknown): readonly Error[] {
  if (Array.isArray(thrown)) return thrown.map((error) => fromSubgraph(error as SubgraphError));
  const code = (thrown as { code?: unknown })?.code;
  if (typeof code === 'number' && code >= 4400)
    return [subgraphFault(`the subgraph closed the subscription with ${code}`)];
  throw new Lost('the connection of a subscription was lost', { cause: thrown });
}

async function* subscribeAt(url: string, request: SubscriptionRequest): AsyncGenerator<SubscriptionEvent, void, undefined> {
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
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

/**
 * Opens a subscription at a subgraph on a socket of its own: a shared one would carry one person's identity for others.
 * Nothing is opened before the first event is asked for. Where its instance goes away the stream goes on at another
 * one, or at the same when it is back soon; what happened in between it does not tell. A subgraph that stays away ends
 * the stream with an error event.
 */
export async function* subscribeAtSubgraph(
  request: SubscriptionRequest,
): AsyncGenerator<SubscriptionEvent, void, undefined> {
  const tried = new Set<string>();
  let hasRun = false;
  let lostAt: number | undefined;
  for (let attempt = 0; ; attempt++) {
    const url = request.upstream.addressFor(tried);
    try {
      if (url === undefined) throw new Lost('no address of the subgraph answers');
      for await (const event of subscribeAt(url, request)) {
        yield event;
        hasRun = true;
        lostAt = undefined;
        attempt = 0;
        tried.clear();
      }
      return;
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      lostAt ??= performance.now();
      const isOver = performance.now() - lostAt > RECONNECT_MS;
      // Somebody who subscribes anew hears at once that nobody is there.
      const isAgain = url === undefined || tried.has(url);
      if (isOver || (!hasRun && isAgain)) {
        yield { errors: [subgraphUnavailable(error.cause ?? error)] };
        return;
      }
      if (url !== undefined) tried.add(url);
      await pause(Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** attempt));
    }
  }
}
