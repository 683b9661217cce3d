import { verifyRequest } from '@tael/http-signature';
import type { FastifyRequest } from 'fastify';
import type { KeyObject } from 'node:crypto';

/** A signature is good for 30 seconds on either side of now: what was seen before that cannot be good any more. */
const REMEMBERED_MS = 61_000;

/** Who may order, and where the bank is for them. */
export interface BankClient {
  /** The client's public keys by their id. */
  readonly keys: Readonly<Record<string, KeyObject>>;
  /** The bank's address as the client was told it: a request that was signed for another is none for this one. */
  readonly address: () => string;
  /** In milliseconds. */
  readonly now: () => number;
}

/** What is wrong with a request, or nothing. */
export type ClientRefusal = 'UNSIGNED' | 'ANOTHER_BODY' | 'BAD_SIGNATURE' | 'REPLAYED';

/**
 * Makes the check of who orders: each request is signed (RFC 9421, Ed25519) over its method, address, body and
 * idempotency key, for now and for once.
 */
export function createClientCheck({ keys, address, now: clock }: BankClient): (request: FastifyRequest, body: string | undefined) => Promise<ClientRefusal | undefined> {
  const seen = new Map<string, number>();
  return async ({ method, url, headers }, body) => {
    const now = clock();
    // As text: a target that names a host of its own (RFC 9112, 3.2.2) is no way to another address.
    const given = { method, url: `${new URL(address()).origin}${url}`, headers: plain(headers), body, covers: ['idempotency-key'] };
    const verified = await verifyRequest(given, keys, now);
    if (!verified.ok) return verified.reason;
    // The oldest stand first.
    for (const [nonce, at] of seen) {
      if (now - at <= REMEMBERED_MS) break;
      seen.delete(nonce);
    }
    if (seen.has(verified.nonce)) return 'REPLAYED';
    seen.set(verified.nonce, now);
    return undefined;
  };
}

const plain = (headers: FastifyRequest['headers']): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
