import { createECDH, generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { newSigningKey } from '../keys/signing-key.mjs';
import { databaseOf, ownerOf, readSubgraphs } from '../subgraphs.mjs';

/** @typedef {ReturnType<typeof makeSecrets>} Secrets */

const FILE_MODE = 0o600;

/**
 * The keys and passwords of this stack: made at the first start, the same ever after.
 * @param {string} home
 * @returns {Secrets}
 */
export function loadSecrets(home) {
  const file = path.join(home, 'secrets.json');
  // Before the key of fingerprints could turn, it stood alone and had no id; before requests to the bank were signed, the two shared a secret.
  const { cardFingerprintKey: lone, bankSecret: _shared, ...kept } =
    /** @type {Partial<Secrets> & { cardFingerprintKey?: string, bankSecret?: string }} */ (
      fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {}
    );
  const fresh = makeSecrets();
  const ring = lone ? { cardFingerprintKeys: `k1:${lone}` } : {};
  const secrets = { ...fresh, ...ring, ...kept, databasePasswords: { ...fresh.databasePasswords, ...kept.databasePasswords } };
  writePrivately(file, secrets);
  return secrets;
}

/**
 * The secrets as they stand now: a rotation may have taken a step since the stack was started.
 * @param {string} home
 * @param {Secrets} known those of the start
 * @returns {Secrets}
 */
export function currentSecrets(home, known) {
  const file = path.join(home, 'secrets.json');
  return fs.existsSync(file) ? { ...known, ...JSON.parse(fs.readFileSync(file, 'utf8')) } : known;
}

/**
 * Writes JSON that only its owner may read, whole or not at all.
 * @param {string} file
 * @param {unknown} content
 */
export function writePrivately(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.new`;
  fs.writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: FILE_MODE });
  fs.renameSync(draft, file);
}

function makeSecrets() {
  const password = () => randomBytes(18).toString('base64url');
  const key = () => randomBytes(32).toString('base64');
  return {
    identityKeys: `k1:${key()}`,
    sealKeys: `k1:${key()}`,
    tokenSigningKeys: JSON.stringify({ keys: [newSigningKey()] }),
    cardFingerprintKeys: `k1:${key()}`,
    cardProcessorSecret: password(),
    cardProcessorNotices: noticeKeys(),
    bankSigningKeys: `k1:${key()}`,
    partnerSubgraphKeys: `k1:${key()}`,
    partnerSubjectKey: key(),
    vapid: vapidKeys(),
    databasePasswords: {
      postgres: password(),
      ...Object.fromEntries(roles().map((role) => [role, password()])),
      tael_sandbox: password(),
      tael_bus: password(),
    },
  };
}

/** The roles of the databases: who uses each, and who owns it. */
function roles() {
  const databases = [...readSubgraphs().map(({ name }) => databaseOf(name)), 'tael_bus'];
  return databases.flatMap((database) => [database, ownerOf(database)]);
}

/** A key pair by which the card processor signs its notices: as Standard Webhooks writes the one, in PKCS #8 the other. */
function noticeKeys() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return { publicKey: `whpk_${raw.toString('base64')}`, privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64') };
}

/** A key pair by which push services know the sender (RFC 8292). */
function vapidKeys() {
  const pair = createECDH('prime256v1');
  const publicKey = pair.generateKeys().toString('base64url');
  // The library drops leading zeros of the private part; its readers expect 32 bytes.
  const privateKey = Buffer.concat([Buffer.alloc(32), pair.getPrivateKey()])
    .subarray(-32)
    .toString('base64url');
  return { publicKey, privateKey };
}
