import { type BankFileStatus, type BankFileStep, statusAfter } from './bank-file-status.domain';

const no = undefined;
it.each<[BankFileStatus, string | null, Record<BankFileStep, BankFileStatus | undefined>]>([
  ['UPLOADING', null, { ADD: 'UPLOADING', COMPARE: 'COMPARING', RETRY: no, DISCARD: 'DISCARDED' }],
  ['COMPARING', null, { ADD: no, COMPARE: 'COMPARING', RETRY: 'COMPARING', DISCARD: 'DISCARDED' }],
  ['COMPARING', 'a comparison', { ADD: no, COMPARE: 'COMPARING', RETRY: 'COMPARING', DISCARD: no }],
  ['FAILED', null, { ADD: no, COMPARE: no, RETRY: 'COMPARING', DISCARD: 'DISCARDED' }],
  ['FAILED', 'a comparison', { ADD: no, COMPARE: no, RETRY: 'COMPARING', DISCARD: no }],
  ['DONE', 'a comparison', { ADD: no, COMPARE: 'DONE', RETRY: 'DONE', DISCARD: no }],
  ['DISCARDED', null, { ADD: no, COMPARE: no, RETRY: no, DISCARD: 'DISCARDED' }],
])('a file that is %s with %s goes on so', (status, reconciliationId, steps) => {
  for (const [step, after] of Object.entries(steps)) expect([step, statusAfter({ status, reconciliationId }, step as BankFileStep)]).toEqual([step, after]);
});
