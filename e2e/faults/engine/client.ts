/** What came of one request, as a client that knows the contract reads it. */
export type Reply =
  | { readonly kind: 'data'; readonly data: any }
  /** Nothing is decided, and the same request may be sent again: the contract says so, or the network broke. */
  | { readonly kind: 'again'; readonly code: string; readonly tookMs: number; readonly waitMs: number }
  /** An answer that no client should ever see, under whatever fault. */
  | { readonly kind: 'fault'; readonly code: string; readonly text: string };

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
      return read(response, text, performance.now() - begun);
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

function read(response: Response, text: string, tookMs: number): Reply {
  let body: any;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const [error] = body?.errors ?? [];
  const code: string = error?.extensions?.code ?? (body ? '' : `HTTP ${response.status}`);
  if (body && !error) return { kind: 'data', data: body.data };
  const seconds = Number(error?.extensions?.retryAfterSeconds ?? response.headers.get('retry-after') ?? 0);
  // A request that did not arrive whole in time was not worked on (408), and says that it may come again.
  if (RETRYABLE.has(code) || response.status === 503 || (response.status === 408 && error?.extensions?.retryable === true)) {
    return { kind: 'again', code: response.status === 408 ? 'HTTP 408' : code || 'HTTP 503', tookMs, waitMs: Number.isFinite(seconds) ? seconds * 1_000 : 0 };
  }
  return { kind: 'fault', code: code || `HTTP ${response.status}`, text: text.slice(0, 400) };
}
