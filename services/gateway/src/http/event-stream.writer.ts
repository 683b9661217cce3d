import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { PresentedResult } from '../graph/graph.runtime';
import { EVENT_STREAM_TYPE } from './media-type.domain';

const PING_MS = 12_000;

export interface EventStream {
  readonly response: ServerResponse;
  readonly events: AsyncIterable<PresentedResult>;
  /** Ends the stream: the token has run out, or the gateway stops. */
  readonly signal: AbortSignal;
}

/** Writes results as server-sent events, in the distinct connections mode of graphql-sse. Resolves at its end. */
export async function writeEventStream({ response, events, signal }: EventStream): Promise<void> {
  const iterator = events[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => {
    response.once('close', resolve);
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  response.writeHead(200, {
    'content-type': `${EVENT_STREAM_TYPE}; charset=utf-8`,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(':\n\n');
  const ping = setInterval(() => response.write(':\n\n'), PING_MS);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), ended]);
      if (!next || next.done) break;
      const room = response.write(`event: next\ndata: ${JSON.stringify(next.value)}\n\n`);
      if (!room) await Promise.race([once(response, 'drain'), ended]);
    }
  } finally {
    clearInterval(ping);
    if (!response.destroyed) response.end('event: complete\ndata:\n\n');
    // A generator that waits for the next event ends only with it, so nobody may wait for this.
    iterator.return?.().catch(() => undefined);
  }
}
