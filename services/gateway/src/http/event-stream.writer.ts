import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { PresentedResult } from '../graph/graph.runtime';
import { EVENT_STREAM_TYPE } from './media-type.domain';

const PING_MS = 12_000;
/** How often it is looked at whether a stream to which nothing comes is over. */
const LOOK_MS = 2_000;
/** Timers of Node hold no longer times. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export interface EventStream {
  readonly response: ServerResponse;
  readonly events: AsyncIterable<PresentedResult>;
  /** Ends the stream: the gateway stops. Without one, what comes is written to its end. */
  readonly signal?: AbortSignal;
  /** Ends the stream at a time, in milliseconds of `performance.now()`, or soon after it `isOver`, with a last word about it. */
  readonly expiry?: { readonly at: number; readonly result: PresentedResult; readonly isOver: () => boolean } | undefined;
}

interface End {
  readonly reached: Promise<'expired' | 'stopped'>;
  forget(): void;
}

function endOf({ response, signal, expiry }: EventStream): End {
  let forget = (): void => undefined;
  const reached = new Promise<'expired' | 'stopped'>((resolve) => {
    const stop = (): void => resolve('stopped');
    response.once('close', stop);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    const left = expiry ? Math.min(Math.max(expiry.at - performance.now(), 0), TIMER_MAX_MS) : undefined;
    const timer = left === undefined ? undefined : setTimeout(() => resolve('expired'), left);
    timer?.unref();
    const look = expiry && setInterval(() => expiry.isOver() && resolve('expired'), LOOK_MS).unref();
    forget = () => {
      clearTimeout(timer);
      clearInterval(look);
      signal?.removeEventListener('abort', stop);
      response.off('close', stop);
    };
  });
  return { reached, forget };
}

const nextEvent = (result: PresentedResult): string => `event: next\ndata: ${JSON.stringify(result)}\n\n`;

/** Writes results as server-sent events, in the distinct connections mode of graphql-sse. Resolves at its end. */
export async function writeEventStream(stream: EventStream): Promise<void> {
  const { response, events, expiry } = stream;
  const iterator = events[Symbol.asyncIterator]();
  const end = endOf(stream);
  response.writeHead(200, {
    'content-type': `${EVENT_STREAM_TYPE}; charset=utf-8`,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(':\n\n');
  // A client that does not read gets no more pings: the connection then times out.
  const ping = setInterval(() => {
    if (!response.writableNeedDrain) response.write(':\n\n');
  }, PING_MS);
  try {
    for (;;) {
      const came = await Promise.race([end.reached, iterator.next()]);
      // Nothing is heard any more once it is over, also where nobody has looked since.
      const next = typeof came !== 'string' && expiry?.isOver() ? 'expired' : came;
      if (next === 'expired' && expiry && !response.destroyed) response.write(nextEvent(expiry.result));
      if (typeof next === 'string' || next.done) break;
      const room = response.write(nextEvent(next.value));
      if (!room) await Promise.race([once(response, 'drain'), end.reached]);
    }
  } finally {
    clearInterval(ping);
    end.forget();
    if (!response.destroyed) response.end('event: complete\ndata:\n\n');
    // A generator that waits for the next event ends only with it, so nobody may wait for this.
    iterator.return?.().catch(() => undefined);
  }
}
