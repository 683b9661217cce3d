import { type BankFileStatus, type BankFileStep, statusAfter } from './bank-file-status.domain';

const no = undefined;
it.each<[BankFileStatus, string | null, Record<BankFileStep, BankFileStatus | undefined>]>([
  ['UPLOADING', null, { ADD: 'UPLOADING', COMPARE: 'COMPARING', DISCARD: 'DISCARDED' }],
  ['COMPARING', null, { ADD: no, COMPARE: 'COMPARING', DISCARD: 'DISCARDED' }],
  ['COMPARING', 'a comparison', { ADD: no, COMPARE: 'COMPARING', DISCARD: no }],
  ['DONE', 'a comparison', { ADD: no, COMPARE: 'DONE', DISCARD: no }],
  ['DISCARDED', null, { ADD: no, COMPARE: no, DISCARD: 'DISCARDED' }],
])('a file that is %s with %s goes on so', (status, reconciliationId, steps) => {
  for (const [step, after] of Object.entries(steps)) expect([step, statusAfter({ status, reconciliationId }, step as BankFileStep)]).toEqual([step, after]);
});
