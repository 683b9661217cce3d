import { type KeyObject, randomBytes, sign } from 'node:crypto';

// X.509 by hand (RFC 5280): tests need certificates, and nothing that is installed by hand may make them.

const tlv = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const sequence = (...parts: Buffer[]): Buffer => tlv(0x30, ...parts);
const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'));
const time = (at: Date): Buffer => tlv(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
const name = (common: string): Buffer => sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(common)))));

/** Makes a certificate of a public key, signed by `issuer` (its own private key, or another's) with SHA-256. */
export function certificateOf(publicKey: KeyObject, issuer: KeyObject, validity: { from: Date; to: Date }): string {
  const algorithm =
    issuer.asymmetricKeyType === 'rsa' ? sequence(oid('2a864886f70d01010b'), tlv(0x05)) : sequence(oid('2a8648ce3d040302'));
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name('issuer.example'),
    sequence(time(validity.from), time(validity.to)),
    name('bank.example'),
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const certificate = sequence(body, algorithm, tlv(0x03, Buffer.from([0]), sign('sha256', body, issuer)));
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
