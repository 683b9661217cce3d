export type RefusalCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'PAYLOAD_TOO_LARGE'
  | 'PERSISTED_DOCUMENT_REQUIRED'
  | 'RATE_LIMITED'
  | 'SERVICE_BUSY'
  | 'SERVICE_UNAVAILABLE';

/** A request that is refused before GraphQL sees it. */
export class HttpRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: RefusalCode,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'HttpRefusal';
  }
}

export const badRequest = (message: string): HttpRefusal => new HttpRefusal(400, 'BAD_USER_INPUT', message);

/** Refuses a caller that asked for too much. */
export function rateLimited(message: string, retryAfterSeconds: number): HttpRefusal {
  return new HttpRefusal(429, 'RATE_LIMITED', message, { 'retry-after': String(retryAfterSeconds) });
}
