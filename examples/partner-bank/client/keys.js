// A key pair of the bank: docs/partners/onboarding.md. ES256, made here; the private half never leaves.
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';

/** Makes a key that signs: `privateKey` for jose, `jwk` its public half as Tael is told it. */
export async function makeKey() {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const bare = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(bare);
  return { kid, privateKey, bare, jwk: { ...bare, kid, alg: 'ES256', use: 'sig' } };
}
