import { type ImportStatus, type Step, stepFrom } from './history-import.domain';

const no = undefined;

describe('an import', () => {
  test.each<[ImportStatus, Record<Step, ImportStatus | undefined>]>([
    ['UPLOADING', { ADD: 'UPLOADING', CHECK: 'CHECKING', APPLY: no, DISCARD: 'DISCARDED' }],
    ['CHECKING', { ADD: no, CHECK: 'CHECKING', APPLY: no, DISCARD: no }],
    ['CHECKED', { ADD: no, CHECK: 'CHECKED', APPLY: 'APPLYING', DISCARD: 'DISCARDED' }],
    ['REFUSED', { ADD: no, CHECK: 'REFUSED', APPLY: no, DISCARD: 'DISCARDED' }],
    ['APPLYING', { ADD: no, CHECK: no, APPLY: 'APPLYING', DISCARD: no }],
    ['DONE', { ADD: no, CHECK: no, APPLY: 'DONE', DISCARD: no }],
    ['DISCARDED', { ADD: no, CHECK: no, APPLY: no, DISCARD: 'DISCARDED' }],
  ])('that is %s goes on so', (status, steps) => {
    for (const [step, after] of Object.entries(steps)) expect([step, stepFrom(status, step as Step)]).toEqual([step, after]);
  });
});
