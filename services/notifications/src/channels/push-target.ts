import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP, isIPv4 } from 'node:net';

export interface PushTargetRules {
  /** Plain http on loopback, for a push service of the embedded stack alone. */
  readonly allowHttp: boolean;
}

// Addresses that no push service of the world has: a subscription must not make this service call its own network.
const PRIVATE = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv4');
// Of IPv6 only this is given out to hosts of the world: loopback, link, site, NAT64 and addresses of IPv4 in disguise are outside.
const GLOBAL = new BlockList();
GLOBAL.addSubnet('2000::', 3, 'ipv6');
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv6');

/** Says whether an IP address belongs to no public host. */
export function isPrivateAddress(address: string): boolean {
  if (isIPv4(address)) return PRIVATE.check(address, 'ipv4');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return PRIVATE.check(mapped, 'ipv4');
  return !GLOBAL.check(address, 'ipv6') || PRIVATE.check(address, 'ipv6');
}

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);
const ENDPOINT_MAX = 2_048;

/**
 * Reads a push endpoint; null where it is no address that may be called. Names are looked at again when they
 * resolve.
 */
export function pushTarget(endpoint: string, rules: PushTargetRules): URL | null {
  if (endpoint.length > ENDPOINT_MAX || !URL.canParse(endpoint)) return null;
  const url = new URL(endpoint);
  if (url.username || url.password || url.hash) return null;
  if (rules.allowHttp && url.protocol === 'http:' && LOOPBACK.has(url.hostname)) return url;
  if (url.protocol !== 'https:') return null;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host)) return isPrivateAddress(host) ? null : url;
  return host.includes('.') && !/\.(local|localhost|internal|lan|home|arpa)$/i.test(host) ? url : null;
}

export class PrivateAddress extends Error {
  constructor() {
    super('the name of the push service leads to a private address');
    this.name = 'PrivateAddress';
  }
}

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Resolves a name for a connection, and fails where it leads to a private address: checked on what is then connected
 * to.
 */
export function publicLookup(
  hostname: string,
  options: { all?: boolean; family?: number | string },
  done: LookupCallback,
): void {
  resolve(hostname, { ...options, all: true } as { all: true }, (error, addresses) => {
    if (error) return done(error, []);
    const first = addresses[0];
    if (!first || addresses.some(({ address }) => isPrivateAddress(address))) return done(new PrivateAddress(), []);
    if (options.all) return done(null, addresses);
    done(null, first.address, first.family);
  });
}
