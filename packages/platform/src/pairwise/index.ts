import { createCipheriv, createHmac } from 'node:crypto';

/**
 * Gives who a person is to one bank: the same each time, and nothing that two banks could compare, or that leads back to the
 * person without the key.
 * @param key - 32 bytes, for ever the same
 */
export function pairwiseSubject(key: Buffer, partnerId: string, personId: string): string {
  return createHmac('sha256', key).update(`${partnerId}\n${personId}`).digest('base64url');
}

/** Gives the name by which one bank knows an id of ours; what is no UUID has none. */
export type PairwiseNames = (id: string) => string | undefined;

/** As RFC 9562 has them: a version from 1 to 8, and its variant. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const bytesOf = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');
const uuidOf = (bytes: Buffer): string => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/**
 * Makes {@link PairwiseNames}. 16 bytes are one block of AES, so the cipher on its own, without mode or padding, is a permutation of them that only the key leads
 * through (FIPS 197). One in eight is a UUID: it is applied until it gives one, some eight times, which makes it a permutation of UUIDs (cycle walking: Black and
 * Rogaway, Ciphers with Arbitrary Finite Domains, 2002). Each bank and kind has a key of its own, from the one that is given (HMAC-SHA-256).
 * @param key - 32 bytes, for ever the same
 * @param kind - of what the ids are: the same id of another kind has another name
 */
export function pairwiseNames(key: Buffer, { partnerId, kind }: { partnerId: string; kind: string }): PairwiseNames {
  const own = createHmac('sha256', key).update(`id\n${kind}\n${partnerId}`).digest();
  return (id) => {
    if (!UUID.test(id)) return undefined;
    const cipher = createCipheriv('aes-256-ecb', own, null).setAutoPadding(false);
    let bytes = bytesOf(id);
    do bytes = cipher.update(bytes);
    while (!UUID.test(uuidOf(bytes)));
    return uuidOf(bytes);
  };
}
