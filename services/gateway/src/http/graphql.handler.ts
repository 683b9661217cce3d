import type { Logger } from '@tael/platform/log';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller, Callers, Origin } from '../callers/caller.service';
import type { DeviceVisit } from '../callers/device.visit';
import type { Answer, Graph, OperationRequest } from '../graph/graph.runtime';
import { RATE_MESSAGE, retryAfterSeconds } from '../limits/admission.check';
import type { LiveConnections } from '../limits/live.connections';
import type { WorkPlaces } from '../limits/work.places';
import type { Rates } from '../limits/rate.service';
import { writeAnswer } from './answer.writer';
import { HttpRefusal, rateLimited } from './http.errors';
import { type Acceptable, acceptable, GRAPHQL_TYPE, JSON_TYPE } from './media-type.domain';
import { writeRefusal } from './refusal.writer';
import { readOperation } from './request.reader';
import { codeOf } from './result.status';

export interface GraphQLHandlerOptions {
  graph: () => Graph;
  callers: Pick<Callers, 'originOf' | 'hasEnded'>;
  /** Gives who asks, or rejects with a refusal. */
  identify: (request: IncomingMessage, response: ServerResponse, origin: Origin) => Promise<Caller>;
  /** Reads what is asked; as a rule {@link readOperation}. */
  read?: (request: IncomingMessage, url: URL, caller: Caller) => Promise<OperationRequest>;
  /** Looks at the device of a request, at a door that knows devices again. */
  visitOf?: (request: IncomingMessage) => DeviceVisit;
  /** Whether subscriptions are answered as event streams. */
  streams: boolean;
  rates: Rates;
  /** Counts event streams; sockets share the places. */
  live: LiveConnections;
  /** Shared by all doors: it is one machine that works. */
  places: WorkPlaces;
  log: Logger;
  /** Aborts when the gateway stops: open event streams end. */
  stopping: AbortSignal;
}

/** One request with what is known of it. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly accept: Acceptable;
}

const LIVE_RETRY_SECONDS = 5;

/** Ends a subscription that its client cannot read, and gives the refusal. */
function needsStream({ events }: Extract<Answer, { kind: 'stream' }>): HttpRefusal {
  events[Symbol.asyncIterator]()
    .return?.()
    .catch(() => undefined);
  const message = 'A subscription is answered as text/event-stream, or over a WebSocket.';
  return new HttpRefusal(406, 'BAD_USER_INPUT', message);
}

export type GraphQLHandler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

/** Serves GraphQL over HTTP: queries by GET and POST, mutations by POST, subscriptions as server-sent events. */
export function createGraphQLHandler(options: GraphQLHandlerOptions): GraphQLHandler {
  const { graph, callers, identify, read = readOperation, visitOf, streams, rates, live, places, log, stopping } = options;

  function refuseEarly({ identity }: Caller): void {
    const waitMs = rates.wait(identity);
    if (waitMs > 0) throw rateLimited(RATE_MESSAGE, retryAfterSeconds(waitMs));
  }

  async function answer(exchange: Exchange, caller: Caller): Promise<void> {
    const { request, response, accept, url } = exchange;
    const operation = await read(request, url, caller);
    // Who takes event streams may get one: its place is taken before anything runs.
    const leave = accept.eventStream ? live.open(caller.identity) : () => undefined;
    if (!leave) throw rateLimited('You have too many live connections open.', LIVE_RETRY_SECONDS);
    try {
      const method = request.method as 'GET' | 'POST';
      const visit = visitOf?.(request);
      const result = await places.run(() => graph().execute(operation, caller.identity, method, visit?.mark));
      if (result.kind === 'stream' && !accept.eventStream) throw needsStream(result);
      if (result.kind === 'refused' && codeOf(result.result) !== 'RATE_LIMITED') rates.countRefused(caller.identity);
      if (result.kind === 'executed' && result.givesSession) visit?.keep(response);
      await writeAnswer(response, result, { accept, caller, hasEnded: callers.hasEnded, stopping });
    } finally {
      leave();
    }
  }

  return async function handleGraphQL(request, response, url) {
    const wished = acceptable(request.headers.accept);
    const accept = streams ? wished : { ...wished, eventStream: false };
    const origin = callers.originOf(request);
    response.setHeader('x-request-id', origin.reference);
    let caller: Caller | undefined;
    try {
      if (accept.result === null && !accept.eventStream) {
        const message = `The answer is ${GRAPHQL_TYPE}${streams ? `, ${JSON_TYPE} or text/event-stream` : ` or ${JSON_TYPE}`}.`;
        throw new HttpRefusal(406, 'BAD_USER_INPUT', message);
      }
      caller = await identify(request, response, origin);
      refuseEarly(caller);
      await answer({ request, response, url, accept }, caller);
    } catch (error) {
      const counts = error instanceof HttpRefusal && error.status !== 429 && error.status !== 503;
      if (counts) rates.countRefused(caller?.identity ?? { principal: null, address: origin.address });
      writeRefusal(response, error, { reference: origin.reference, type: accept.result ?? JSON_TYPE, log });
    }
  };
}
