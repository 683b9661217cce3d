import type { Logger } from '@tael/platform/log';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller, Callers, Origin } from '../callers/caller.service';
import { KeysUnknown } from '../callers/token.keys';
import { InvalidToken } from '../callers/token.verifier';
import type { Answer, Graph, PresentedResult } from '../graph/graph.runtime';
import { type EventStream, writeEventStream } from './event-stream.writer';
import { HttpRefusal } from './http.errors';
import { type Acceptable, acceptable, GRAPHQL_TYPE, JSON_TYPE, type ResultType } from './media-type.domain';
import { readOperation } from './request.reader';

export interface GraphQLHandlerOptions {
  graph: () => Graph;
  callers: Callers;
  log: Logger;
  /** Aborts when the gateway stops: open event streams end. */
  stopping: AbortSignal;
}

export type GraphQLHandler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

/** Turns what may go wrong with a token into what the client is told. */
export function tokenRefusal(error: unknown): HttpRefusal | undefined {
  if (error instanceof InvalidToken) {
    return new HttpRefusal(
      401,
      'UNAUTHENTICATED',
      'The access token is not valid. Sign in again or refresh the session.',
      {
        'www-authenticate': 'Bearer error="invalid_token"',
      },
    );
  }
  if (!(error instanceof KeysUnknown)) return undefined;
  return new HttpRefusal(503, 'SERVICE_UNAVAILABLE', 'Tokens cannot be checked right now. Try again in a moment.', {
    'retry-after': '2',
  });
}

function send(response: ServerResponse, reply: { status: number; type: ResultType; result: PresentedResult }): void {
  if (response.destroyed || response.headersSent) return;
  const body = JSON.stringify(reply.result);
  response.writeHead(reply.status, {
    'content-type': `${reply.type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}

// application/json keeps the old habit of 200 for every GraphQL response; graphql-response+json tells by status.
function statusOf(answer: Answer, type: ResultType): number {
  if (answer.kind !== 'refused') return 200;
  if (answer.wrongMethod) return 405;
  return type === JSON_TYPE ? 200 : 400;
}

/** Says when an event stream has to end because its caller's token has, and what the client then hears. */
function expiryOf({ expiresAt, identity: { reference } }: Caller): EventStream['expiry'] {
  if (expiresAt === null) return undefined;
  const message = 'The access token has expired. Refresh the session and subscribe again.';
  const extensions = { code: 'UNAUTHENTICATED', reference };
  return { at: expiresAt, result: { errors: [{ message, extensions }] } };
}

/** Serves GraphQL over HTTP: queries by GET and POST, mutations by POST, subscriptions as server-sent events. */
export function createGraphQLHandler(options: GraphQLHandlerOptions): GraphQLHandler {
  const { graph, callers, log, stopping } = options;

  function refuse(response: ServerResponse, error: unknown, told: { origin: Origin; type: ResultType }): void {
    const { reference } = told.origin;
    const refusal = error instanceof HttpRefusal ? error : tokenRefusal(error);
    if (refusal) {
      for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
      const extensions = { code: refusal.code, reference, ...(refusal.status === 503 ? { retryable: true } : {}) };
      return send(response, {
        status: refusal.status,
        type: told.type,
        result: { errors: [{ message: refusal.message, extensions }] },
      });
    }
    log.error({ error, reference }, 'a request failed at the door');
    const message = `Something went wrong on our side. Reference: ${reference}`;
    const extensions = { code: 'INTERNAL_SERVER_ERROR', reference };
    send(response, { status: 500, type: told.type, result: { errors: [{ message, extensions }] } });
  }

  async function reply(
    response: ServerResponse,
    answer: Answer,
    told: { accept: Acceptable; caller: Caller },
  ): Promise<void> {
    const { accept, caller } = told;
    if (answer.kind === 'stream') {
      if (!accept.eventStream)
        throw new HttpRefusal(
          406,
          'BAD_USER_INPUT',
          'A subscription is answered as text/event-stream, or over a WebSocket.',
        );
      return writeEventStream({ response, events: answer.events, signal: stopping, expiry: expiryOf(caller) });
    }
    if (accept.result === null) {
      const events = (async function* () {
        yield answer.result;
      })();
      return writeEventStream({ response, events, signal: stopping });
    }
    if (answer.kind === 'refused' && answer.wrongMethod) response.setHeader('allow', 'POST');
    send(response, { status: statusOf(answer, accept.result), type: accept.result, result: answer.result });
  }

  return async function handleGraphQL(request, response, url) {
    const accept = acceptable(request.headers.accept);
    const origin = callers.originOf(request);
    response.setHeader('x-request-id', origin.reference);
    try {
      if (accept.result === null && !accept.eventStream) {
        throw new HttpRefusal(
          406,
          'BAD_USER_INPUT',
          `The answer is ${GRAPHQL_TYPE}, ${JSON_TYPE} or text/event-stream.`,
        );
      }
      const caller = await callers.identify(request.headers.authorization, origin);
      const operation = await readOperation(request, url);
      const answer = await graph().execute(operation, caller.identity, request.method as 'GET' | 'POST');
      await reply(response, answer, { accept, caller });
    } catch (error) {
      refuse(response, error, { origin, type: accept.result ?? JSON_TYPE });
    }
  };
}
