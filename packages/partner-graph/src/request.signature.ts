import { type SignedHeaders, signRequest as sign, type Verification, verifyRequest as verify } from '@tael/http-signature';
import type { KeyObject } from 'node:crypto';

/** Who the person behind a request is to this bank, and to no other. */
export const SUBJECT_HEADER = 'tael-subject';

/**
 * Signs a request to a bank's subgraph (RFC 9421). Gives the headers to send with exactly this `body` of JSON; the `subject` is
 * covered where there is one.
 * @param now in milliseconds
 */
export function signRequest(request: { url: string; body: string; subject?: string | undefined }, key: { id: string; privateKey: KeyObject }, now: number): Promise<SignedHeaders> {
  const { url, body, subject } = request;
  return sign({ url, body, headers: subject === undefined ? {} : { [SUBJECT_HEADER]: subject } }, key, now);
}

/**
 * The bank's side of {@link signRequest}: checks that a request is Tael's, of now, for this address and with this body.
 * @param request its URL as Tael was told it, and headers in lower case
 * @param keys Tael's public keys by their id
 * @param now in milliseconds
 */
export function verifyRequest(
  request: { url: string; headers: Readonly<Record<string, string | undefined>>; body: string },
  keys: Readonly<Record<string, KeyObject>>,
  now: number,
): Promise<Verification> {
  return verify({ ...request, covers: [SUBJECT_HEADER] }, keys, now);
}
