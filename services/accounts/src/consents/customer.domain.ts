/** The consent by which a bank asks, as its token names it. */
export interface ConsentHolder {
  readonly consentId: string;
  readonly partnerId: string;
}

/** What of a person a bank is shown: by names that only this bank knows them by. */
export interface Customer {
  readonly id: string;
  /** Who the person is where the bank's own subgraph is asked; undefined where the platform asks none. */
  readonly subject: string | undefined;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
}

/** The bytes of a digest as a UUID of version 8 (RFC 9562: free for whoever makes it). */
export function uuidOfDigest(digest: Uint8Array): string {
  const bytes = Uint8Array.from(digest.slice(0, 16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
