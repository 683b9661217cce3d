import type { Admission } from '@tael/platform/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const RETRY_AFTER_SECONDS = 1;

const BUSY = JSON.stringify({
  errors: [{
    message: 'The service is busy. Try again in a moment.',
    extensions: { code: 'SERVICE_BUSY', retryable: true, retryAfter: RETRY_AFTER_SECONDS },
  }],
});

/** A request's place among those that are worked on. */
interface Turn {
  /** The work itself has begun: its end, and not that of the connection, gives the place free. */
  begun: boolean;
  leave(tookMs?: number): void;
}

declare module 'fastify' {
  interface FastifyRequest {
    turn: Turn | null;
  }
}

/** Gives the place of a request free once. */
function turnOf(admission: Admission): Turn {
  let left = false;
  return {
    begun: false,
    leave(tookMs) {
      if (!left) admission.leave(tookMs);
      left = true;
    },
  };
}

function refuse(reply: FastifyReply): void {
  void reply.code(503).header('retry-after', String(RETRY_AFTER_SECONDS)).type('application/json; charset=utf-8').send(BUSY);
}

/**
 * Takes on requests to `path` as `admission` allows. It decides before the body is read, so that what is refused costs
 * next to nothing and holds no memory; the other routes, health among them, always answer.
 */
export function limitWork(server: FastifyInstance, admission: Admission, path: string): void {
  server.decorateRequest('turn', null);
  server.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.url !== path) return done();
    const begin = (): void => {
      const turn = turnOf(admission);
      // Whoever went away while waiting gets no answer, and nothing is done for them.
      if (reply.raw.destroyed) return turn.leave();
      request.turn = turn;
      reply.raw.once('close', () => turn.begun || turn.leave());
      done();
    };
    const decided = admission.enter();
    if (decided === undefined) return begin();
    if (typeof decided === 'string') return refuse(reply);
    void decided.then((refusal) => (refusal === undefined ? begin() : refuse(reply)));
  });
  server.addHook('onClose', (_server, done) => {
    admission.close();
    done();
  });
}

/** Runs the work of a request that was let in; its place is free when the work ends, even if nobody waits for it any more. */
export async function inTurn<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
  const { turn } = request;
  if (turn) turn.begun = true;
  const at = performance.now();
  try {
    return await work();
  } finally {
    turn?.leave(performance.now() - at);
  }
}
