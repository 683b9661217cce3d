import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';

// What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410): SubjectPublicKeyInfo and PKCS #8.
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const PUBLIC_PREFIX = 'whpk_';

export interface KeyPair {
  /** `whpk_` and the 32 bytes in base64, as Standard Webhooks writes it. */
  readonly publicKey: string;
  /** PKCS #8 in base64: never leaves this service but sealed. */
  readonly privateKey: string;
}

/** Makes the key pair of an endpoint. */
export function newKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI.length);
  return {
    publicKey: PUBLIC_PREFIX + raw.toString('base64'),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  };
}


/** Signs a message of Standard Webhooks 1.0 with every key given: `v1a,<base64>`, one after the other. */
export function signatureOf(
  message: { readonly id: string; readonly timestamp: number; readonly body: string },
  privateKeys: readonly string[],
): string {
  const content = Buffer.from(`${message.id}.${message.timestamp}.${message.body}`);
  return privateKeys
    .map((text) => createPrivateKey({ key: Buffer.from(text, 'base64'), type: 'pkcs8', format: 'der' }))
    .map((key) => `v1a,${sign(null, content, key).toString('base64')}`)
    .join(' ');
}
