import { createHmac } from 'node:crypto';

/**
 * Gives who a person is to one bank: the same each time, and nothing that two banks could compare, or that leads back to the
 * person without the key.
 */
export function pairwiseSubject(key: Buffer, partnerId: string, personId: string): string {
  return createHmac('sha256', key).update(`${partnerId}\n${personId}`).digest('base64url');
}
