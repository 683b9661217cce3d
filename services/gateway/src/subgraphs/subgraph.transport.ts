import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { type DocumentNode, type GraphQLError, print } from 'graphql';
import { createSubgraphConnection, type Patience, type SubgraphAnswer } from './subgraph.connection';
import { fromSubgraph, type SubgraphError, subgraphFault, subgraphUnavailable } from './subgraph.errors';
import { locate } from './subgraph.outage';
import { type SubscriptionEvent, subscribeAtSubgraph } from './subgraph.subscription';

/** One fetch of a query plan, as the runtime hands it over. */
export interface SubgraphRequest {
  readonly document: DocumentNode;
  readonly variables?: Record<string, unknown>;
  readonly operationType?: string;
  readonly operationName?: string | null;
  readonly context?: { readonly identity?: Identity };
}

export type SubgraphExecutor = (
  request: SubgraphRequest,
) => Promise<SubscriptionEvent> | AsyncIterable<SubscriptionEvent>;

export interface SubgraphTransport {
  /** The form that the runtime takes a transport in. */
  getSubgraphExecutor(options: { subgraphName: string }): SubgraphExecutor;
  close(): void;
}

export interface SubgraphTransportOptions {
  /** Addresses of the subgraphs, by name. */
  urls: Readonly<Record<string, string>>;
  identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  now?: () => number;
  patience: Patience;
}

const printed = new WeakMap<DocumentNode, string>();

// The documents of a plan live as long as the plan, so each is printed once.
function textOf(document: DocumentNode): string {
  const text = printed.get(document) ?? print(document);
  printed.set(document, text);
  return text;
}

function parseAnswer(answer: SubgraphAnswer): SubscriptionEvent {
  if (answer.status === 502 || answer.status === 503 || answer.status === 504) {
    return { errors: [subgraphUnavailable(`status ${answer.status}`)] };
  }
  if (answer.status === 401) return { errors: [subgraphFault('the subgraph refused the signed identity')] };
  let body: { data?: unknown; errors?: unknown } | null;
  try {
    body = JSON.parse(answer.text) as typeof body;
  } catch {
    return { errors: [subgraphFault(`the subgraph answered ${answer.status} and no JSON`)] };
  }
  if (Array.isArray(body?.errors))
    return { data: body.data, errors: body.errors.map((error) => fromSubgraph(error as SubgraphError)) };
  if (body?.data === undefined)
    return { errors: [subgraphFault(`the subgraph answered ${answer.status} and no result`)] };
  return { data: body.data };
}

// A whole fetch went without an answer: each field that it was for is told so.
function told(event: SubscriptionEvent, fetch: SubgraphRequest): SubscriptionEvent {
  if (event.data || event.errors?.length !== 1) return event;
  const [error] = event.errors as readonly [GraphQLError];
  if (error.path || error.extensions['retryable'] !== true) return event;
  return { errors: locate(error, fetch) };
}

/**
 * Carries the fetches of a plan to the subgraphs: HTTP with kept connections, WebSocket for subscriptions. Each request
 * is signed for the one person behind it, over the exact bytes that go out. Equal requests are never merged: two
 * people's would be one, and their references too.
 */
export function createSubgraphTransport(options: SubgraphTransportOptions): SubgraphTransport {
  const { urls, identityKeys, now = Date.now } = options;
  const connections = new Map(
    Object.entries(urls).map(([name, url]) => [name, createSubgraphConnection(url, options.patience)]),
  );

  return {
    getSubgraphExecutor({ subgraphName }) {
      const url = urls[subgraphName];
      const connection = connections.get(subgraphName);
      if (!url || !connection) throw new Error(`no address is set for the subgraph ${subgraphName}`);

      const post = async (request: SubgraphRequest, identity: Identity): Promise<SubscriptionEvent> => {
        const body = JSON.stringify({ query: textOf(request.document), variables: request.variables });
        const headers = {
          [IDENTITY_HEADER]: signIdentity(identity, body, identityKeys, now()),
          traceparent: identity.traceparent,
        };
        try {
          return told(parseAnswer(await connection.post(body, headers, request.operationType === 'query')), request);
        } catch (error) {
          return told({ errors: [subgraphUnavailable(error)] }, request);
        }
      };

      return (request) => {
        const identity = request.context?.identity;
        if (!identity) throw new Error('a fetch without an identity');
        if (request.operationType !== 'subscription') return post(request, identity);
        return subscribeAtSubgraph({
          url,
          query: textOf(request.document),
          variables: request.variables,
          connectionParams: () => ({ [IDENTITY_HEADER]: signIdentity(identity, '', identityKeys, now()) }),
        });
      };
    },
    close: () => connections.forEach((connection) => connection.close()),
  };
}
