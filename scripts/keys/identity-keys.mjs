import { createHmac } from 'node:crypto';

/**
 * Gives what a service has of the gateway's ring: of each key the one that signs for this service alone. `identityKeysFor` of platform makes the same (a test says so), and
 * is not built where this is first asked for.
 * @param {string} ring id:key pairs, separated by commas
 * @param {string} service
 * @returns {string}
 */
export function identityKeysFor(ring, service) {
  return ring
    .split(',')
    .map((entry) => {
      const at = entry.indexOf(':');
      const key = createHmac('sha256', Buffer.from(entry.slice(at + 1), 'base64')).update(`tael/identity-of/${service}`);
      return `${entry.slice(0, at)}-own:${key.digest('base64')}`;
    })
    .join(',');
}
