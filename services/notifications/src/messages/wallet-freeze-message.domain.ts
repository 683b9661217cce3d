import type { MessageDraft } from './message.domain';

/** The alarm that a wallet was frozen, or is no longer; which one, but not why: that is for operators. */
export const walletFreezeAlarm = (
  change: 'frozen' | 'unfrozen', { personId, freezeId, currency }: { personId: string; freezeId: string; currency: string },
): MessageDraft => ({
  dedupeKey: `wallet.${change}/${freezeId}`, personId, class: 'SECURITY', template: `wallet.${change}`, facts: { currency }, validUntil: null,
});
