/** UPLOADING takes chunks; COMPARING is in the hands of the service, and can be stopped until that has begun; DONE and DISCARDED are ends. */
export type BankFileStatus = 'UPLOADING' | 'COMPARING' | 'DONE' | 'DISCARDED';

export type BankFileStep = 'ADD' | 'COMPARE' | 'DISCARD';

/** A file as the service finds it: once a comparison of it has been begun, that is named. */
export interface BankFileState {
  readonly status: BankFileStatus;
  readonly reconciliationId: string | null;
}

const NEXT: Readonly<Record<BankFileStep, { readonly to: BankFileStatus; readonly taken: readonly BankFileStatus[] }>> = {
  ADD: { to: 'UPLOADING', taken: [] },
  COMPARE: { to: 'COMPARING', taken: ['COMPARING', 'DONE'] },
  DISCARD: { to: 'DISCARDED', taken: ['DISCARDED'] },
};

/** Where a step leads: the status after it, undefined where it cannot be taken, the same where it was taken before. */
export function statusAfter({ status, reconciliationId }: BankFileState, step: BankFileStep): BankFileStatus | undefined {
  const { to, taken } = NEXT[step];
  if (status === 'UPLOADING') return to;
  // What a comparison has shown so far has opened breaks already: from there on it goes to its end.
  if (step === 'DISCARD' && status === 'COMPARING' && reconciliationId === null) return to;
  return taken.includes(status) ? status : undefined;
}
