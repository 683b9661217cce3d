import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const YEARS = 10;

/**
 * Where the certificate of the partners' door with TLS is, with its key.
 * @param {string} home
 */
export const certificateFiles = (home) => ({ cert: path.join(home, 'partner-tls.pem'), key: path.join(home, 'partner-tls.key') });

/**
 * Makes the certificate of this stack's door with TLS at the first start: banks that sign in with a certificate show it there. It is
 * self-signed, for localhost: whoever calls takes it as the one that they trust.
 * @param {string} home
 */
export function ensureCertificate(home) {
  const files = certificateFiles(home);
  if (fs.existsSync(files.cert) && fs.existsSync(files.key)) return;
  fs.mkdirSync(home, { recursive: true });
  const { cert, key } = selfSigned();
  fs.writeFileSync(files.key, key, { mode: 0o600 });
  fs.writeFileSync(files.cert, cert);
}

/**
 * One element of DER: tag, length, content.
 * @param {number} tag
 * @param {Buffer[]} content
 */
function element(tag, ...content) {
  const body = Buffer.concat(content);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

/** @param {Buffer[]} content */
const sequence = (...content) => element(0x30, ...content);
/** @param {string} hex */
const oid = (hex) => element(0x06, Buffer.from(hex, 'hex'));
/** @param {Date} at */
const time = (at) => element(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));

/** Node reads certificates but writes none. */
function selfSigned() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const now = new Date();
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const subject = sequence(element(0x31, sequence(oid('550403'), element(0x0c, Buffer.from('localhost')))));
  const names = sequence(element(0x82, Buffer.from('localhost')), element(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = element(0xa3, sequence(sequence(oid('551d11'), element(0x04, names))));
  const until = new Date(now);
  until.setUTCFullYear(now.getUTCFullYear() + YEARS);
  const content = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    subject,
    sequence(time(new Date(now.getTime() - 60_000)), time(until)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  );
  const der = sequence(content, algorithm, element(0x03, Buffer.from([0]), sign('sha256', content, privateKey)));
  return { cert: new X509Certificate(der).toString(), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}
