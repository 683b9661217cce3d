import type { ServerResponse } from 'node:http';
import type { Caller } from '../callers/caller.service';
import type { Answer, PresentedResult } from '../graph/graph.runtime';
import { type EventStream, writeEventStream } from './event-stream.writer';
import type { Acceptable, ResultType } from './media-type.domain';
import { statusOf } from './result.status';

/** A result with how it goes out. */
export interface Reply {
  readonly status: number;
  readonly type: ResultType;
  readonly result: PresentedResult;
  /** The result, already in JSON. */
  readonly written?: Buffer | undefined;
}

/** Writes a reply, unless the client is gone or has one. */
export function writeReply(response: ServerResponse, reply: Reply): void {
  if (response.destroyed || response.headersSent) return;
  const body = reply.written ?? JSON.stringify(reply.result);
  response.writeHead(reply.status, {
    'content-type': `${reply.type}; charset=utf-8`,
    'content-length': typeof body === 'string' ? Buffer.byteLength(body) : body.length,
    'cache-control': 'no-store',
  });
  response.end(body);
}

/** Says when an event stream has to end because its caller's token or session has, and what the client then hears. */
function expiryOf({ caller, hasEnded }: AnswerTerms): EventStream['expiry'] {
  const { expiresAt, identity: { reference } } = caller;
  if (expiresAt === null) return undefined;
  const message = 'The access token has expired, or its session has ended. Refresh the session and subscribe again.';
  const extensions = { code: 'UNAUTHENTICATED', reference };
  return { at: expiresAt, isOver: () => hasEnded(caller), result: { errors: [{ message, extensions }] } };
}

/** What decides the form of an answer. */
export interface AnswerTerms {
  readonly accept: Acceptable;
  readonly caller: Caller;
  /** Says whether the session of the caller has ended since. */
  readonly hasEnded: (caller: Caller) => boolean;
  /** Aborts when the gateway stops. */
  readonly stopping: AbortSignal;
}

/** Writes what came of an operation in the form that its client takes: one result, or a stream of events. */
export async function writeAnswer(response: ServerResponse, answer: Answer, terms: AnswerTerms): Promise<void> {
  const { accept, stopping } = terms;
  if (answer.kind === 'stream') {
    return writeEventStream({ response, events: answer.events, signal: stopping, expiry: expiryOf(terms) });
  }
  if (accept.result === null) {
    const events = (async function* () {
      yield answer.result;
    })();
    // What was done while the gateway stops is told like any other.
    return writeEventStream({ response, events });
  }
  if (answer.kind === 'refused' && answer.wrongMethod) response.setHeader('allow', 'POST');
  if (answer.kind === 'executed') response.setHeader('x-tael-cost', answer.cost);
  const { status, retryAfterSeconds: after } = statusOf(answer, accept.result);
  if (after !== undefined) response.setHeader('retry-after', after);
  const written = answer.kind === 'executed' ? answer.written : undefined;
  writeReply(response, { status, type: accept.result, result: answer.result, written });
}
