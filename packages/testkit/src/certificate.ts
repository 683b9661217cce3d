import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';

/** A self-signed certificate with its key. */
export interface TestCertificate {
  /** In PEM. */
  readonly cert: string;
  readonly key: string;
  readonly privateKey: KeyObject;
  readonly der: Buffer;
  /** SHA-256 of the DER, base64url: what a token says in `cnf["x5t#S256"]`. */
  readonly digest: string;
}

/** One element of DER: tag, length, content. */
function element(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}
const sequence = (...content: Buffer[]): Buffer => element(0x30, ...content);
const oid = (hex: string): Buffer => element(0x06, Buffer.from(hex, 'hex'));
const time = (at: number): Buffer => element(0x17, Buffer.from(`${new Date(at).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));

/** Makes a certificate by hand, good for a day: Node reads X.509 but writes none, and no test may ask for a program beside it. */
export function selfSignedCertificate(name: string): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = sequence(element(0x31, sequence(oid('550403'), element(0x0c, Buffer.from(name)))));
  const validity = sequence(time(Date.now() - 60_000), time(Date.now() + 86_400_000));
  const serial = element(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]));
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const content = sequence(element(0xa0, element(0x02, Buffer.from([2]))), serial, ECDSA_SHA256, subject, validity, subject, spki);
  const der = sequence(content, ECDSA_SHA256, element(0x03, Buffer.from([0]), sign('sha256', content, privateKey)));
  return {
    cert: new X509Certificate(der).toString(), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, privateKey, der,
    digest: createHash('sha256').update(der).digest('base64url'),
  };
}
