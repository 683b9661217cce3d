import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, identityKeysFor, signIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { isTracing, traced } from '@tael/platform/telemetry';
import { type DocumentNode, type GraphQLError, print } from 'graphql';
import { parseAnswer } from './subgraph.answer';
import type { SubgraphAnswer } from './subgraph.connection';
import { subgraphUnavailable } from './subgraph.errors';
import type { Patience } from './subgraph.instance';
import { locate } from './subgraph.outage';
import { type SubscriptionEvent, subscribeAtSubgraph } from './subgraph.subscription';
import { createUpstream, type Upstream } from './subgraph.upstream';

/** What came of a request to a subgraph. */
export type SubgraphOutcome =
  | { readonly answer: SubgraphAnswer; readonly error?: undefined }
  | { readonly answer?: undefined; readonly error: unknown };

/** What a request of a client carries along to the subgraphs. */
export interface FetchContext {
  readonly identity?: Identity;
  /** The only fetch of this operation went out already; this came of it, and nothing is sent again. */
  outcome?: SubgraphOutcome | undefined;
}

/** One fetch of a query plan, as the runtime hands it over. */
export interface SubgraphRequest {
  readonly document: DocumentNode;
  readonly variables?: Record<string, unknown>;
  readonly operationType?: string;
  readonly operationName?: string | null;
  readonly context?: FetchContext;
}

export type SubgraphExecutor = (
  request: SubgraphRequest,
) => Promise<SubscriptionEvent> | AsyncIterable<SubscriptionEvent>;

export interface SubgraphTransport {
  /** The form that the runtime takes a transport in. */
  getSubgraphExecutor(options: { subgraphName: string }): SubgraphExecutor;
  /** Sends a request with this body, signed for the one person behind it. Never rejects. */
  send(subgraph: string, body: string, of: { identity: Identity; isQuery: boolean }): Promise<SubgraphOutcome>;
  /** Says whether answers of a subgraph may go to the client as they come: not where they are somebody else's. All, unless told. */
  answersDirectly?(subgraph: string): boolean;
  close(): void;
}

export interface SubgraphTransportOptions {
  /** Addresses of the subgraphs, by name; the instances of one are separated by commas. */
  urls: Readonly<Record<string, string>>;
  /** The gateway's ring: for each subgraph keys of its own are made of it. */
  identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  now?: () => number;
  patience: Patience;
  log: Logger;
}

const printed = new WeakMap<DocumentNode, string>();

// The documents of a plan live as long as the plan, so each is printed once.
function textOf(document: DocumentNode): string {
  const text = printed.get(document) ?? print(document);
  printed.set(document, text);
  return text;
}

// A whole fetch went without an answer: each field that it was for is told so.
function told(event: SubscriptionEvent, fetch: SubgraphRequest): SubscriptionEvent {
  if (event.data || event.errors?.length !== 1) return event;
  const [error] = event.errors as readonly [GraphQLError];
  if (error.path || error.extensions['retryable'] !== true) return event;
  return { errors: locate(error, fetch) };
}

/** Whoever came in by the same operation: the mark of their device is for the service of people and sessions alone. */
function toldTo(subgraph: string, identity: Identity): Identity {
  if (identity.device === undefined || subgraph === 'accounts') return identity;
  const { device: _, ...rest } = identity;
  return rest;
}

/** Gives the addresses of a list that is separated by commas. */
export const addressesOf = (list: string): readonly string[] =>
  list
    .split(',')
    .map((url) => url.trim())
    .filter(Boolean);

/**
 * Carries the fetches of a plan to the subgraphs: HTTP with kept connections, WebSocket for subscriptions. Each request
 * is signed for the one person behind it, over the exact bytes that go out. Equal requests are never merged: two
 * people's would be one, and their references too.
 */
export function createSubgraphTransport(options: SubgraphTransportOptions): SubgraphTransport {
  const { urls, identityKeys, now = Date.now, patience, log } = options;
  const upstreams = new Map(
    Object.entries(urls).map(([name, list]) => [name, createUpstream({ name, urls: addressesOf(list), patience, log })]),
  );

  const keysOf = new Map(Object.keys(urls).map((name) => [name, identityKeysFor(identityKeys, name)]));
  const upstreamOf = (subgraph: string): Upstream => {
    const upstream = upstreams.get(subgraph);
    if (!upstream || upstream.health().length === 0) throw new Error(`no address is set for the subgraph ${subgraph}`);
    return upstream;
  };

  const sendOne: SubgraphTransport['send'] = async (subgraph, body, { identity, isQuery }) => {
    const headers = {
      [IDENTITY_HEADER]: signIdentity(toldTo(subgraph, identity), body, keysOf.get(subgraph)!, now()),
      traceparent: identity.traceparent,
    };
    try {
      return { answer: await upstreamOf(subgraph).post({ body, headers, isQuery }) };
    } catch (error) {
      return { error };
    }
  };

  const send: SubgraphTransport['send'] = (subgraph, body, told) => {
    if (!isTracing()) return sendOne(subgraph, body, told);
    const { identity } = told;
    return traced({ name: `subgraph ${subgraph}`, kind: 'client', parent: identity.traceparent }, async (span) => {
      const traceparent = span?.traceparent ?? identity.traceparent;
      const outcome = await sendOne(subgraph, body, { ...told, identity: { ...identity, traceparent } });
      if (span && outcome.error) span.fault = 'SUBGRAPH_UNAVAILABLE';
      return outcome;
    });
  };

  async function fetchOf(subgraph: string, request: SubgraphRequest, identity: Identity): Promise<SubscriptionEvent> {
    const { context, document, variables } = request;
    let outcome = context?.outcome;
    if (outcome) context!.outcome = undefined;
    else {
      const body = JSON.stringify({ query: textOf(document), variables });
      outcome = await send(subgraph, body, { identity, isQuery: request.operationType === 'query' });
    }
    return told(outcome.answer ? parseAnswer(outcome.answer) : { errors: [subgraphUnavailable(outcome.error)] }, request);
  }

  return {
    getSubgraphExecutor({ subgraphName }) {
      const upstream = upstreamOf(subgraphName);
      return (request) => {
        const identity = request.context?.identity;
        if (!identity) throw new Error('a fetch without an identity');
        if (request.operationType !== 'subscription') return fetchOf(subgraphName, request, identity);
        return subscribeAtSubgraph({
          upstream,
          query: textOf(request.document),
          variables: request.variables,
          connectionParams: () => ({ [IDENTITY_HEADER]: signIdentity(identity, '', keysOf.get(subgraphName)!, now()) }),
        });
      };
    },
    send,
    close: () => upstreams.forEach((upstream) => upstream.close()),
  };
}
