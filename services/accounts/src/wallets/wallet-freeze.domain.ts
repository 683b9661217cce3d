import type { LockedAccount } from '../ledger/account.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';

/**
 * Says whether a wallet's money may leave at its person's wish. What others have a right to goes on while it is frozen: money that
 * comes in, a reward that is taken back, what a bank takes back, a correction by two operators.
 */
export function spendable(wallet: LockedAccount | undefined): Outcome<{ wallet: LockedAccount }> {
  if (!wallet) return refuse('NOT_FOUND', ['input', 'walletId']);
  return wallet.frozen ? refuse('WALLET_FROZEN', ['input', 'walletId']) : { ok: true, wallet };
}

/** Decides a freeze of a wallet under its lock. Of an operator's own wallet another operator decides. */
export function decideFreeze(wallet: Pick<LockedAccount, 'personId' | 'frozen'> | undefined, operatorId: string): Outcome<object> {
  if (!wallet) return refuse('NOT_FOUND', ['input', 'walletId']);
  if (wallet.personId === operatorId) return refuse('NOT_ALLOWED', ['input', 'walletId'], 'OWN_FREEZE');
  return wallet.frozen ? refuse('ALREADY_EXISTS', ['input', 'walletId'], 'WALLET_FREEZE') : { ok: true };
}

/** Decides the end of a freeze under its wallet's lock: of the very freeze that was looked at, so that nobody lifts a newer one unseen. */
export function decideUnfreeze(freeze: { readonly personId: string; readonly lifted: boolean } | undefined, operatorId: string): Outcome<object> {
  if (!freeze) return refuse('NOT_FOUND', ['input', 'freezeId']);
  if (freeze.personId === operatorId) return refuse('NOT_ALLOWED', ['input', 'freezeId'], 'OWN_FREEZE');
  return freeze.lifted ? refuse('NOT_ALLOWED', ['input', 'freezeId'], 'FREEZE_LIFTED') : { ok: true };
}
