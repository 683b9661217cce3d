/**
 * UPLOADING takes chunks; COMPARING is in the hands of the service, and can be stopped until that has begun; FAILED could not be compared
 * and waits for an operator; DONE and DISCARDED are ends.
 */
export type BankFileStatus = 'UPLOADING' | 'COMPARING' | 'FAILED' | 'DONE' | 'DISCARDED';

export type BankFileStep = 'ADD' | 'COMPARE' | 'RETRY' | 'DISCARD';

/** A file as the service finds it: once a comparison of it has been begun, that is named. */
export interface BankFileState {
  readonly status: BankFileStatus;
  readonly reconciliationId: string | null;
}

const NEXT: Readonly<Record<BankFileStep, { readonly to: BankFileStatus; readonly from: readonly BankFileStatus[]; readonly taken: readonly BankFileStatus[] }>> = {
  ADD: { to: 'UPLOADING', from: ['UPLOADING'], taken: [] },
  COMPARE: { to: 'COMPARING', from: ['UPLOADING'], taken: ['COMPARING', 'DONE'] },
  RETRY: { to: 'COMPARING', from: ['FAILED'], taken: ['COMPARING', 'DONE'] },
  DISCARD: { to: 'DISCARDED', from: ['UPLOADING', 'COMPARING', 'FAILED'], taken: ['DISCARDED'] },
};

/** Where a step leads: the status after it, undefined where it cannot be taken, the same where it was taken before. */
export function statusAfter({ status, reconciliationId }: BankFileState, step: BankFileStep): BankFileStatus | undefined {
  const { to, from, taken } = NEXT[step];
  // What a comparison has shown so far has opened breaks already: from there on it can only go on.
  const isHeld = step === 'DISCARD' && reconciliationId !== null;
  if (from.includes(status) && !isHeld) return to;
  return taken.includes(status) ? status : undefined;
}
