import { createHash } from 'node:crypto';
import { approvalText } from './approval.domain';

/** Gives the SHA-256 of what is approved, in hexadecimal: who approves sends it, and approves nothing else. */
export function digestOf(approval: Parameters<typeof approvalText>[0]): string {
  return createHash('sha256').update(approvalText(approval)).digest('hex');
}
