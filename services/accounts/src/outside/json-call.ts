/** What somebody outside answered; whatever can be read as JSON. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A request before it says whose it is. */
export interface PlainRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface JsonCallSettings {
  readonly url: string;
  /** Gives the headers that say whose a request is. */
  readonly authorise: (request: PlainRequest) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** How long an answer is waited for, 4 s unless told. */
  readonly timeoutMs?: number | undefined;
}

/** Answers by which one says that an order was not taken; everything else that is not 200 says nothing. */
export const REFUSALS: ReadonlySet<number> = new Set([400, 422]);

/**
 * Makes what calls somebody outside over HTTP: a POST where there is something to say, under its idempotency key. No redirect is followed, and
 * whatever ends without an answer in JSON is thrown as what `unavailable` makes of it: nothing is known then.
 */
export function createJsonCall(
  { url, authorise, timeoutMs = 4_000 }: JsonCallSettings, unavailable: (cause: unknown) => Error,
): (path: string, init?: { readonly json?: unknown; readonly key?: string }) => Promise<JsonAnswer> {
  return async (path, { json, key } = {}) => {
    const request: PlainRequest = {
      method: json === undefined ? 'GET' : 'POST',
      url: new URL(path, url).href,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      headers: key === undefined ? {} : { 'idempotency-key': key },
    };
    try {
      const { method, body } = request;
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      const response = await fetch(request.url, {
        method,
        headers: { ...type, ...request.headers, ...(await authorise(request)) },
        ...(body === undefined ? {} : { body }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, body: await response.json() };
    } catch (error) {
      throw unavailable(error);
    }
  };
}
