import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP, isIPv4 } from 'node:net';

export interface EgressRules {
  /** Plain http on loopback: for what the embedded stack runs on its own machine, and nothing else. */
  readonly allowHttp: boolean;
  /** The ports that may be called over https; any where left out. */
  readonly ports?: readonly number[];
}

// Addresses that no public host has: an address that somebody gave must not make a service call its own network.
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

/** The ports of https that services call at addresses which somebody gave: of banks' subgraphs and of webhooks. */
export const HTTPS_PORTS: readonly number[] = [443, 8443];

/** Why an address may not be called: it is none, names more than a place, is not https, has another port, or is of no public host. */
export type EgressFault = 'UNREADABLE' | 'NOT_ONLY_A_PLACE' | 'NOT_HTTPS' | 'PORT' | 'PRIVATE_ADDRESS' | 'LOCAL_NAME';

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);
const ADDRESS_MAX = 2_048;

/** Says why an address that somebody from outside gave may not be called; undefined where it may. Names are looked at again when they resolve. */
export function egressFault(address: string, rules: EgressRules): EgressFault | undefined {
  if (address.length > ADDRESS_MAX || !URL.canParse(address)) return 'UNREADABLE';
  const url = new URL(address);
  if (url.username || url.password || url.hash) return 'NOT_ONLY_A_PLACE';
  if (rules.allowHttp && url.protocol === 'http:' && LOOPBACK.has(url.hostname)) return undefined;
  if (url.protocol !== 'https:') return 'NOT_HTTPS';
  if (rules.ports && !rules.ports.includes(Number(url.port || 443))) return 'PORT';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host)) return isPrivateAddress(host) ? 'PRIVATE_ADDRESS' : undefined;
  return host.includes('.') && !/\.(local|localhost|internal|lan|home|arpa)$/i.test(host) ? undefined : 'LOCAL_NAME';
}

/** Reads an address that somebody from outside gave; null where it may not be called. */
export function egressTarget(address: string, rules: EgressRules): URL | null {
  return egressFault(address, rules) === undefined ? new URL(address) : null;
}

export class PrivateAddress extends Error {
  constructor() {
    super('the name leads to a private address');
    this.name = 'PrivateAddress';
  }
}

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;
type Lookup = (hostname: string, options: { all?: boolean; family?: number | string }, done: LookupCallback) => void;
type Resolver = (
  hostname: string,
  options: { all: true },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Makes the function that resolves a name for a connection, and fails where any of its addresses is private. The connection goes
 * to what was checked, so that a name which changes its mind in between gains nothing.
 */
export function publicLookupBy(resolver: Resolver): Lookup {
  return (hostname, options, done) => {
    resolver(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      const first = addresses[0];
      if (!first || addresses.some(({ address }) => isPrivateAddress(address))) return done(new PrivateAddress(), []);
      if (options.all) return done(null, addresses);
      done(null, first.address, first.family);
    });
  };
}

/** The same by the machine's own resolver. */
export const publicLookup: Lookup = publicLookupBy(resolve);
