import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

export interface SignedWebhook {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
}

const TOLERANCE_SECONDS = 300;

/** Whether a webhook is of now and one of its signatures is by one of the keys, as a receiver checks it (Standard Webhooks 1.0). */
export function isGenuine(webhook: SignedWebhook, publicKeys: readonly string[], now: Date): boolean {
  const { id, timestamp, body } = webhook;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now.getTime() / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const content = Buffer.from(`${id}.${timestamp}.${body}`);
  const signatures = webhook.signature.split(' ').flatMap((text) => (text.startsWith('v1a,') ? [Buffer.from(text.slice(4), 'base64')] : []));
  return publicKeys.some((text) => {
    const x = Buffer.from(text.replace(/^whpk_/, ''), 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return signatures.some((signature) => verify(null, content, key, signature));
  });
}

/** Signs a message as its sender does; the key is PKCS #8 in base64. */
export function signWebhook({ id, timestamp, body }: { id: string; timestamp: number; body: string }, privateKey: string): string {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), type: 'pkcs8', format: 'der' });
  return `v1a,${sign(null, Buffer.from(`${id}.${timestamp}.${body}`), key).toString('base64')}`;
}
