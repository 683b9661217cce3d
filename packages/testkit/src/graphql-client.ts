import { createClient } from 'graphql-ws';
import type { GraphQLFormattedError } from 'graphql';
import WebSocket from 'ws';

/** What a GraphQL server answers, and the HTTP status that it came with. */
export interface GraphQLAnswer<Data> {
  readonly status: number;
  /** Missing where the request was refused before it was executed. */
  readonly data?: Data | null;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export type SubscriptionAnswer<Data> = Omit<GraphQLAnswer<Data>, 'status'>;

// Answers of a graph are read freely by tests: naming each one's type would only repeat the query.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyData = any;

export interface GraphQLTestClient {
  request<Data = AnyData>(query: string, variables?: Record<string, unknown>): Promise<GraphQLAnswer<Data>>;
  /** Subscribes over graphql-ws, the protocol `graphql-transport-ws`. Leaving the loop ends the subscription. */
  subscribe<Data = AnyData>(
    query: string, variables?: Record<string, unknown>,
  ): AsyncIterableIterator<SubscriptionAnswer<Data>>;
  /** Closes the WebSocket, if one was opened. */
  close(): Promise<void>;
}

export interface GraphQLClientOptions {
  /** The address for queries and mutations; subscriptions use the same with ws for http. */
  readonly url: string;
  /** An access token, sent as a bearer token and in connection_init. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** The payload of connection_init, in place of the one with the token. */
  readonly connectionParams?: Readonly<Record<string, unknown>>;
}

/** Makes a client of a GraphQL endpoint. It shows what the server answers and never throws for GraphQL errors. */
export function graphqlClient(options: GraphQLClientOptions): GraphQLTestClient {
  const authorization: Record<string, string> = options.token ? { authorization: `Bearer ${options.token}` } : {};
  const socket = createClient({
    url: options.url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: options.connectionParams ?? authorization,
    retryAttempts: 0,
  });
  return {
    async request(query, variables = {}) {
      const response = await fetch(options.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
          ...authorization,
          ...options.headers,
        },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      return { status: response.status, ...parsed(text, response.status) };
    },
    subscribe<Data>(query: string, variables: Record<string, unknown> = {}) {
      return socket.iterate({ query, variables }) as AsyncIterableIterator<SubscriptionAnswer<Data>>;
    },
    async close() {
      await socket.dispose();
    },
  };
}

function parsed(text: string, status: number): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new Error(`the answer (HTTP ${status}) is no JSON: ${text.slice(0, 200)}`);
  }
}
