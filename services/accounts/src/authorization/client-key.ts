import type { X509Certificate } from 'node:crypto';
import { compactVerify, importJWK, type JWK } from 'jose';
import type { PartnerClient } from '../partners/partner-client.service';

/** What a client signed in with; the provider has found it good. */
export interface SignIn {
  readonly assertion: unknown;
  readonly certificate: X509Certificate | undefined;
}

async function hasSigned(key: Record<string, unknown>, assertion: string): Promise<boolean> {
  const alg = String(key['alg']);
  try {
    await compactVerify(assertion, await importJWK(key as JWK, alg), { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
}

function isOf({ x5c }: Record<string, unknown>, { raw }: X509Certificate): boolean {
  const [certificate]: unknown[] = Array.isArray(x5c) ? x5c : [];
  return typeof certificate === 'string' && Buffer.from(certificate, 'base64').equals(raw);
}

/**
 * Gives which of its keys a client signed in with. An assertion need not say its key, so the signature tells.
 * @throws where it is none of them: nothing could end a token of which nobody knows by which key it was got
 */
export async function keyOfSignIn({ authentication, keys }: PartnerClient, { assertion, certificate }: SignIn): Promise<string> {
  for (const key of keys) {
    const isIt =
      authentication === 'private_key_jwt'
        ? typeof assertion === 'string' && (await hasSigned(key, assertion))
        : certificate !== undefined && isOf(key, certificate);
    if (isIt) return String(key['kid']);
  }
  throw new Error('a token would leave that was got with no key of its client');
}
