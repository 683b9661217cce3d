import type { PartnerEnvironment } from './partner.domain';

export const REDIRECT_URIS_MAX = 10;
const LENGTH_MAX = 500;

/** So that one can be run on the machine of whoever tries the sandbox. */
const LOOPBACKS = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Says whether people may be sent back to an address with the answer to a consent. It is compared letter by letter, so it must
 * be written as a browser writes it; and nobody on the way may read it.
 */
export function isRedirectUri(given: string, environment: PartnerEnvironment): boolean {
  if (given.length > LENGTH_MAX || !URL.canParse(given)) return false;
  const { href, protocol, hostname, username, password } = new URL(given);
  if (href !== given || given.includes('#') || username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && environment === 'SANDBOX' && LOOPBACKS.has(hostname));
}
