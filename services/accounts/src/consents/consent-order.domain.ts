import { type Outcome, refuse } from '../outcomes/outcome.domain';

/** Why an operator ends all consents of a bank. None is the wish of a person: that is of one consent. */
export type ConsentsEndCause = 'BANK_COMPROMISED' | 'BANK_LEFT' | 'MISUSE' | 'OTHER';

export type ConsentOrderStatus = 'RUNNING' | 'FINISHED';

export const orderStatus = ({ finishedAt }: { readonly finishedAt: Date | null }): ConsentOrderStatus => (finishedAt ? 'FINISHED' : 'RUNNING');

/** What is known of a bank under its lock. */
export interface BankOfConsents {
  readonly status: 'ACTIVE' | 'SUSPENDED';
  /** An order to end all its consents runs. */
  readonly ending: boolean;
}

/** Decides whether all consents of a bank may be ordered to end: of a bank that is known, suspended or not, once at a time. */
export function decideOrder(bank: BankOfConsents | undefined): Outcome<object> {
  if (!bank) return refuse('NOT_FOUND', ['input', 'partnerId']);
  return bank.ending ? refuse('ALREADY_EXISTS', ['input', 'partnerId']) : { ok: true };
}

/** Says whether a person may let a bank see something of theirs now. */
export const mayBeGiven = (bank: BankOfConsents | undefined): boolean => bank?.status === 'ACTIVE' && !bank.ending;
