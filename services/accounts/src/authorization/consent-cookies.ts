/** The cookies of somebody who is asked for consent. Each lives for one request, at the path of its page. */
export interface ConsentCookies {
  /** Whether the browser may send them over TLS alone: wherever the issuer is reached by it. */
  readonly secure: boolean;
  /** Names, by what they are for. */
  readonly names: { readonly interaction: string; readonly resume: string; readonly session: string; readonly secret: string };
}

/**
 * Gives the cookies of an issuer. The prefix has the browser itself refuse one of that name that did not come over TLS (RFC 6265bis 4.1.3.1). Not `__Host-`: that
 * takes the path `/`, and every other page of the host would be sent them.
 */
export function consentCookies(issuer: string): ConsentCookies {
  const secure = issuer.startsWith('https:');
  const named = (name: string): string => `${secure ? '__Secure-' : ''}tael_${name}`;
  return { secure, names: { interaction: named('interaction'), resume: named('resume'), session: named('session'), secret: named('consent') } };
}
