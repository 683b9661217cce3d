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
/** How a certificate is signed with a key of each kind. */
const SIGNED_BY = { ec: sequence(oid('2a8648ce3d040302')), rsa: sequence(oid('2a864886f70d01010b'), element(0x05)) };
type KeyKind = keyof typeof SIGNED_BY;

const TRUE = element(0x01, Buffer.from([0xff]));
/** An extension that whoever does not know it must not pass over. */
const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), TRUE, element(0x04, value));
const MAY_ISSUE = extension('551d13', sequence(TRUE));
const hostName = (name: string): Buffer => extension('551d11', sequence(element(0x82, Buffer.from(name))));
const nameOf = (name: string): Buffer => sequence(element(0x31, sequence(oid('550403'), element(0x0c, Buffer.from(name)))));

interface Issued {
  /** EC P-256 unless told. */
  readonly kind?: KeyKind;
  readonly issuer?: { readonly name: string; readonly privateKey: KeyObject };
  readonly extensions?: readonly Buffer[];
}

/** Makes a certificate by hand, good for a day: Node reads X.509 but writes none, and no test may ask for a program beside it. */
function certificate(name: string, { kind = 'ec', issuer, extensions = [] }: Issued = {}): TestCertificate {
  const { publicKey, privateKey } = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signedBy = SIGNED_BY[issuer?.privateKey.asymmetricKeyType === 'rsa' ? 'rsa' : issuer ? 'ec' : kind];
  const validity = sequence(time(Date.now() - 60_000), time(Date.now() + 86_400_000));
  const serial = element(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]));
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const more = extensions.length > 0 ? [element(0xa3, sequence(...extensions))] : [];
  const content = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))), serial, signedBy, nameOf(issuer?.name ?? name), validity, nameOf(name), spki, ...more,
  );
  const der = sequence(content, signedBy, element(0x03, Buffer.from([0]), sign('sha256', content, issuer?.privateKey ?? privateKey)));
  return {
    cert: new X509Certificate(der).toString(), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, privateKey, der,
    digest: createHash('sha256').update(der).digest('base64url'),
  };
}

export const selfSignedCertificate = (name: string, kind: KeyKind = 'ec'): TestCertificate => certificate(name, { kind });

/** An authority of a test: its own certificate in PEM, which a client may trust, and what it issues for the name of a host. */
export function testAuthority(name = 'Authority of a test'): { readonly cert: string; issue(host: string): TestCertificate } {
  const { cert, privateKey } = certificate(name, { extensions: [MAY_ISSUE] });
  return { cert, issue: (host) => certificate(host, { issuer: { name, privateKey }, extensions: [hostName(host)] }) };
}
