import type { MessageDraft } from './message.domain';

/**
 * Tells a merchant's owners and managers that it was suspended, or let back in: what they must know at once, and cannot switch off, like where its money
 * goes. Not why: an operator's reason is for operators.
 */
export function merchantStatusAlarms(
  { merchantId, version, status, people }: { merchantId: string; version: number; status: 'ACTIVE' | 'SUSPENDED'; people: readonly string[] },
): MessageDraft[] {
  const template = status === 'SUSPENDED' ? 'merchant.suspended' : 'merchant.resumed';
  return people.map((personId) => ({
    dedupeKey: `${template}/${merchantId}/${version}/${personId}`, personId, class: 'SECURITY', template, merchantId, facts: {}, validUntil: null,
  }));
}
