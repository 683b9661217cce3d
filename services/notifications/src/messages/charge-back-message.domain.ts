import { bankTopUpNotice, type MessageDraft, receipt } from './message.domain';

type Returned = Parameters<typeof receipt>[1] & { readonly last4: string; readonly owed: bigint };

/** A top-up from a card that went back to it: the facts are those of one that a bank took back. */
export function cardTopUpReturnedNotice(topUp: Returned): MessageDraft {
  return { ...receipt('card-topup.returned', topUp), facts: bankTopUpNotice(topUp).facts };
}
