import type { ServerResponse } from 'node:http';

/** What an answer that is no page may do in a browser: nothing. A page says what it needs itself. */
const NO_PAGE = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Sets what every answer says to browsers. `hstsSeconds` is 0 where the door is not behind TLS. */
export function setSecurityHeaders(response: ServerResponse, hstsSeconds: number): void {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('content-security-policy', NO_PAGE);
  if (hstsSeconds > 0) response.setHeader('strict-transport-security', `max-age=${hstsSeconds}; includeSubDomains`);
}
