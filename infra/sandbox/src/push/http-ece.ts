import type { ECDH } from 'node:crypto';

/** Opens a body in the encrypted content coding of RFC 8188. */
type Decrypt = (body: Buffer, keys: { version: 'aes128gcm'; privateKey: ECDH; authSecret: string }) => Buffer;

// The package comes without types; here is what it does for us.
const ece = require('http_ece') as { readonly decrypt: Decrypt };

export const decrypt: Decrypt = ece.decrypt;
