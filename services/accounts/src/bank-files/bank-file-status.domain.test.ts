import { type BankFileStatus, type BankFileStep, statusAfter } from './bank-file-status.domain';

const no = undefined;
it.each<[BankFileStatus, Record<BankFileStep, BankFileStatus | undefined>]>([
  ['UPLOADING', { ADD: 'UPLOADING', COMPARE: 'COMPARING', DISCARD: 'DISCARDED' }],
  ['COMPARING', { ADD: no, COMPARE: 'COMPARING', DISCARD: no }],
  ['DONE', { ADD: no, COMPARE: 'DONE', DISCARD: no }],
  ['DISCARDED', { ADD: no, COMPARE: no, DISCARD: 'DISCARDED' }],
])('a file that is %s goes on so', (status, steps) => {
  for (const [step, after] of Object.entries(steps)) expect([step, statusAfter(status, step as BankFileStep)]).toEqual([step, after]);
});
