import { CHUNKS_MAX, isGivenUp, LINES_MAX, mayOpen, mayTake, OPEN_MAX, pauseAfter, stepFrom, type ImportStatus, type Step } from './history-import.domain';

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

it.each([[1, true, false], [5, true, false], [6, true, true], [6, false, false], [29, false, false], [30, false, true]])(
  'after %s faults in a row, the last in time: %s, an import is taken back: %s', (faults, inTime, expected) => {
    expect(isGivenUp(faults, { inTime })).toBe(expected);
  });

it.each([[1, 1_000], [2, 2_000], [5, 16_000], [10, 512_000], [11, 600_000], [500, 600_000]])('after %s faults it rests %s ms', (faults, expected) => {
  expect(pauseAfter(faults)).toBe(expected);
});

test.each<[number, string]>([[0, 'OK'], [OPEN_MAX - 1, 'OK'], [OPEN_MAX, 'HISTORY_IMPORTS']])('beside %i open uploads, one more: %s', (open, expected) => {
  const may = mayOpen(open);
  expect(may.ok ? 'OK' : may.refusals[0]!.reason).toBe(expected);
});

test.each<[number, number, number, string]>([
  [0, 1, 1, 'OK'], [CHUNKS_MAX - 1, 1, 1, 'OK'], [CHUNKS_MAX, 1, 1, 'HISTORY_CHUNKS'],
  [5, LINES_MAX, 1, 'OK'], [5, LINES_MAX, 2, 'HISTORY_LINES'], [5, 1, LINES_MAX + 1, 'HISTORY_LINES'],
])('chunk %i, which begins at line %i, of %i lines: %s', (nextChunk, nextLine, lines, expected) => {
  const may = mayTake({ nextChunk, nextLine }, lines);
  expect(may.ok ? 'OK' : may.refusals[0]!.reason).toBe(expected);
});
