/** UPLOADING takes chunks; COMPARING is in the hands of the service and cannot be stopped; DONE and DISCARDED are ends. */
export type BankFileStatus = 'UPLOADING' | 'COMPARING' | 'DONE' | 'DISCARDED';

export type BankFileStep = 'ADD' | 'COMPARE' | 'DISCARD';

const NEXT: Readonly<Record<BankFileStep, { readonly to: BankFileStatus; readonly taken: readonly BankFileStatus[] }>> = {
  ADD: { to: 'UPLOADING', taken: [] },
  COMPARE: { to: 'COMPARING', taken: ['COMPARING', 'DONE'] },
  DISCARD: { to: 'DISCARDED', taken: ['DISCARDED'] },
};

/** Where a step leads from a status: the status after it, undefined where it cannot be taken, the same where it was taken before. */
export function statusAfter(status: BankFileStatus, step: BankFileStep): BankFileStatus | undefined {
  const { to, taken } = NEXT[step];
  if (status === 'UPLOADING') return to;
  return taken.includes(status) ? status : undefined;
}
