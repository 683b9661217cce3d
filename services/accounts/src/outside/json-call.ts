/** What somebody outside answered; whatever can be read as JSON. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface JsonCallSettings {
  readonly url: string;
  readonly secret: string;
  /** How long an answer is waited for, 4 s unless told. */
  readonly timeoutMs?: number;
}

/** Answers by which one says that an order was not taken; everything else that is not 200 says nothing. */
export const REFUSALS: ReadonlySet<number> = new Set([400, 422]);

/**
 * Makes what calls somebody outside over HTTP: a POST where there is something to say, under its idempotency key. No redirect is followed, and
 * whatever ends without an answer in JSON is thrown as what `unavailable` makes of it: nothing is known then.
 */
export function createJsonCall(
  { url, secret, timeoutMs = 4_000 }: JsonCallSettings, unavailable: (cause: unknown) => Error,
): (path: string, init?: { readonly json?: unknown; readonly key?: string }) => Promise<JsonAnswer> {
  return async (path, { json, key } = {}) => {
    try {
      const response = await fetch(new URL(path, url), {
        method: json === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${secret}`,
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, body: await response.json() };
    } catch (error) {
      throw unavailable(error);
    }
  };
}
