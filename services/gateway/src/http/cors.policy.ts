import type { IncomingMessage, ServerResponse } from 'node:http';

const PREFLIGHT_SECONDS = '600';

/** Which web pages may call. */
export interface CorsPolicy {
  /** Says whether the page behind a request may call. Programs that are no browser name neither origin nor site. */
  allows(request: IncomingMessage): boolean;
  /** Tells the browser of an allowed origin that its page may read the answer. */
  apply(request: IncomingMessage, response: ServerResponse): void;
  /** Answers a preflight; gives false for any other request. */
  answerPreflight(request: IncomingMessage, response: ServerResponse): boolean;
}

function isOwnOrigin(origin: string, host: string | undefined): boolean {
  try {
    return host !== undefined && new URL(origin).host === host;
  } catch {
    return false;
  }
}

export function createCorsPolicy(origins: readonly string[]): CorsPolicy {
  const listed = new Set(origins);
  return {
    allows({ headers }) {
      const { origin, host } = headers;
      // A browser names no origin where a page only embeds something, but says that it is another site's.
      if (origin === undefined) return headers['sec-fetch-site'] !== 'cross-site';
      return listed.has(origin) || isOwnOrigin(origin, host);
    },
    apply(request, response) {
      if (listed.size > 0) response.setHeader('vary', 'origin');
      const { origin } = request.headers;
      if (origin === undefined || !listed.has(origin)) return;
      response.setHeader('access-control-allow-origin', origin);
      // The mark of the device is the only cookie, and signs nobody in.
      response.setHeader('access-control-allow-credentials', 'true');
      response.setHeader('access-control-expose-headers', 'x-request-id, x-tael-cost, retry-after');
    },
    answerPreflight(request, response) {
      if (request.method !== 'OPTIONS') return false;
      if (request.headers.origin !== undefined && listed.has(request.headers.origin)) {
        response.setHeader('access-control-allow-methods', 'GET, POST');
        response.setHeader('access-control-allow-headers', 'authorization, content-type, accept-language, traceparent');
        response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
      }
      response.writeHead(204).end();
      return true;
    },
  };
}
