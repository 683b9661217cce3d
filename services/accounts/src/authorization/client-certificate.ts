import { createHash, X509Certificate } from 'node:crypto';
import type { Identity } from '@tael/platform/identity';

/** A DER of more than this is no client's certificate. */
const BASE64_MAX = 8_192;

/**
 * Reads the certificate that the gateway passed on. Only the one that the signed identity names counts: the header alone
 * could be anybody's.
 */
export function clientCertificate(header: unknown, identity: Identity): X509Certificate | undefined {
  if (typeof header !== 'string' || header.length > BASE64_MAX || identity.certificate === undefined) return undefined;
  const der = Buffer.from(header, 'base64');
  if (createHash('sha256').update(der).digest('base64url') !== identity.certificate) return undefined;
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}
