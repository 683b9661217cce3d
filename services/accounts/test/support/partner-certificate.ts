import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import type { PublicJwk } from './partner-bank';

/** A self-signed certificate with its JWK as a client registers it. */
export interface ClientCertificate {
  readonly der: Buffer;
  readonly jwk: PublicJwk;
  /** SHA-256 of the DER, base64url. */
  readonly thumbprint: string;
}

/** One element of DER: tag, length, content. */
function element(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}
const sequence = (...content: Buffer[]): Buffer => element(0x30, ...content);
const time = (date: Date): Buffer => element(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));

const ECDSA_SHA256 = sequence(element(0x06, Buffer.from('2a8648ce3d040302', 'hex')));

/** Makes a certificate by hand: Node reads X.509 but writes none, and no test may ask for a program beside it. */
export function selfSignedCertificate(name: string): ClientCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const commonName = sequence(element(0x06, Buffer.from('550403', 'hex')), element(0x0c, Buffer.from(name)));
  const subject = sequence(element(0x31, commonName));
  const validity = sequence(time(new Date(Date.now() - 60_000)), time(new Date(Date.now() + 86_400_000)));
  const serial = element(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]));
  const content = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))), serial, ECDSA_SHA256, subject, validity, subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const der = sequence(content, ECDSA_SHA256, element(0x03, Buffer.from([0]), sign('sha256', content, privateKey)));
  if (!new X509Certificate(der).verify(publicKey)) throw new Error('the certificate is not whole');
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: name, alg: 'ES256', x5c: [der.toString('base64')] } as PublicJwk;
  return { der, jwk, thumbprint: createHash('sha256').update(der).digest('base64url') };
}
