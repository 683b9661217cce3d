import type { MessageDraft } from './message.domain';

interface PeopleChange {
  readonly changeId: string;
  readonly merchantId: string;
  readonly personId: string;
  readonly role: 'OWNER' | 'MANAGER' | 'CASHIER' | null;
  readonly told: readonly string[];
}

/** Tells a merchant's owners, those of before and those of after, who acts for it now, and whom it is about what they are there. No preference holds it back. */
export function merchantPeopleAlarms({ changeId, merchantId, personId, role, told }: PeopleChange): MessageDraft[] {
  return told.map((receiver) => {
    const isTheirs = receiver === personId;
    const template = isTheirs ? 'merchant-people.own-role' : 'merchant-people.changed';
    return {
      dedupeKey: `${template}/${changeId}/${receiver}`, personId: receiver, class: 'SECURITY', template, merchantId,
      ...(isTheirs ? {} : { counterpartyId: personId }), facts: { words: { role: role ?? 'NONE' } }, validUntil: null,
    };
  });
}
