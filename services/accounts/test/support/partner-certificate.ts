import { X509Certificate } from 'node:crypto';
import { selfSignedCertificate as made } from '@tael/testkit';
import type { PublicJwk } from './partner-bank';

/** A self-signed certificate with its JWK as a client registers it. */
export interface ClientCertificate {
  readonly der: Buffer;
  readonly jwk: PublicJwk;
  /** SHA-256 of the DER, base64url. */
  readonly thumbprint: string;
}

export function selfSignedCertificate(name: string): ClientCertificate {
  const { der, digest } = made(name);
  const jwk = { ...new X509Certificate(der).publicKey.export({ format: 'jwk' }), kid: name, alg: 'ES256', x5c: [der.toString('base64')] } as PublicJwk;
  return { der, jwk, thumbprint: digest };
}
