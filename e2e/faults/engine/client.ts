import { watchStandstill } from '@tael/platform/http';

/** What came of one request, as a client that knows the contract reads it. */
export type Reply =
  | { readonly kind: 'data'; readonly data: any }
  /** Nothing is decided, and the same request may be sent again: the contract says so, or the network broke. */
  | { readonly kind: 'again'; readonly code: string; readonly tookMs: number; readonly waitMs: number }
  /** An answer that no client should ever see, under whatever fault. */
  | { readonly kind: 'fault'; readonly code: string; readonly text: string };

/** Whoever stood still for so long may have been slow to send: a gateway gives a request ten seconds. */
const STOOD_STILL_MS = 5_000;
const standstill = watchStandstill();

const RETRYABLE = new Set(['SUBGRAPH_UNAVAILABLE', 'SERVICE_UNAVAILABLE', 'SERVICE_BUSY', 'RATE_LIMITED']);

interface Request {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly token?: string | undefined;
}

/** A client of the gateway's processes: it goes to the next one where the first does not answer. */
export class GraphClient {
  private turn = 0;

  constructor(private readonly urls: readonly string[], private readonly timeoutMs = 15_000) {}

  async ask({ query, variables, token }: Request): Promise<Reply> {
    const begun = performance.now();
    const { turn } = this;
    const url = this.urls[turn % this.urls.length]!;
    try {
      const response = await fetch(url, {
        method: 'POST',
        signal: AbortSignal.timeout(this.timeoutMs),
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      // A process that ends says so: like any balancer, the client then sends what comes next to another one.
      if (response.headers.get('connection') === 'close') this.goElsewhere(turn);
      const tookMs = performance.now() - begun;
      return readReply(response, text, { tookMs, stoodStillMs: standstill.lately(tookMs) });
    } catch (error) {
      this.goElsewhere(turn);
      const { cause, message } = error as Error & { cause?: { code?: string } };
      return { kind: 'again', code: `NETWORK ${cause?.code ?? message}`, tookMs: performance.now() - begun, waitMs: 0 };
    }
  }

  /** Many requests may learn of one end at once: only the first of them turns. */
  private goElsewhere(turn: number): void {
    if (this.turn === turn) this.turn += 1;
  }
}

/**
 * Reads an answer. A 408 is for those who were slow. This client sends at once, so that a 408 is a fault of the gateway, unless this process
 * itself stood still; a gateway that did says SERVICE_BUSY.
 */
export function readReply(
  { status, headers }: Pick<Response, 'status' | 'headers'>, text: string, { tookMs, stoodStillMs }: { tookMs: number; stoodStillMs: number },
): Reply {
  let body: any;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const [error] = body?.errors ?? [];
  const code: string = error?.extensions?.code ?? (body ? '' : `HTTP ${status}`);
  if (body && !error) return { kind: 'data', data: body.data };
  const seconds = Number(error?.extensions?.retryAfterSeconds ?? headers.get('retry-after') ?? 0);
  const again = { kind: 'again', tookMs, waitMs: Number.isFinite(seconds) ? seconds * 1_000 : 0 } as const;
  if (RETRYABLE.has(code) || status === 503) return { ...again, code: code || 'HTTP 503' };
  if (status === 408 && error?.extensions?.retryable === true && stoodStillMs > STOOD_STILL_MS) return { ...again, code: 'HTTP 408' };
  return { kind: 'fault', code: status === 408 ? 'HTTP 408' : code || `HTTP ${status}`, text: text.slice(0, 400) };
}
