import { uuidOf } from '../ids.domain';

const PREFIX = 'topup-';

/** The key under which the card processor knows the charge of a top-up, for ever. */
export const chargeKeyOf = (topUpId: string): string => PREFIX + topUpId;

/** Gives the top-up that a charge's key is of, where it is one of ours. */
export function topUpOf(key: string): string | undefined {
  return key.startsWith(PREFIX) ? uuidOf(key.slice(PREFIX.length)) : undefined;
}
