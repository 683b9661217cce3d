import { brokenLink, type ChainedTransaction, type Checkpoint, checkpointOf, firstMisfit } from './checkpoint.chain';

const idOf = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const transaction = (n: number, content = `content of ${n}`): ChainedTransaction => ({
  id: idOf(n), at: `2026-11-27T23:00:00.${String(n).padStart(6, '0')}Z`, content, whole: true,
});
const all = [1, 2, 3, 4].map((n) => transaction(n));
const [one, two, three, four] = all as [ChainedTransaction, ChainedTransaction, ChainedTransaction, ChainedTransaction];
const checkpoint = checkpointOf(undefined, [one, two, three, four]);

describe('a range that was closed over', () => {
  it('fits as it is', () => {
    expect(firstMisfit(checkpoint, all)).toBeUndefined();
  });

  it.each<[string, ChainedTransaction[], string]>([
    ['a changed transaction', [one, transaction(2, 'other'), three, transaction(4, 'other')], `place 2: transaction ${idOf(2)}, its postings or entries were changed`],
    ['one that is gone', [one, three, four], `place 2: transaction ${idOf(2)} is gone`],
    ['the last that is gone', [one, two, three], `place 4: transaction ${idOf(4)} is gone`],
    ['all that are gone', [], `place 1: transaction ${idOf(1)} is gone`],
    ['one that was put in', [one, transaction(9), two, three, four], `place 2: transaction ${idOf(9)} was put in afterwards`],
    ['one that was put in at the end', [...all, transaction(9)], `place 5: transaction ${idOf(9)} was put in afterwards`],
    ['one that was put in for another', [one, transaction(9), three, four], `place 2: transaction ${idOf(9)} was put in afterwards`],
    ['two that changed places', [one, three, two, four], `place 2: transaction ${idOf(3)} stands where ${idOf(2)} stood`],
  ])('names %s', (_what, found, words) => {
    expect(firstMisfit(checkpoint, found)).toBe(`checkpoint 1, ${words}`);
  });
});

describe('a chain', () => {
  const next = checkpointOf(checkpoint, [transaction(5)]);

  it('fits as it is', () => {
    expect([brokenLink(undefined, checkpoint), brokenLink(checkpoint, next)]).toEqual([undefined, undefined]);
  });

  it.each<[string, Partial<Checkpoint>]>([
    ['end', { untilId: idOf(6) }],
    ['instant', { untilAt: '2026-11-27T23:00:00.000006Z' }],
    ['ids', { ids: Buffer.alloc(16, 1) }],
    ['digests', { digests: Buffer.alloc(32, 1) }],
    ['hash', { hash: Buffer.alloc(32, 1) }],
  ])('breaks where the %s of a checkpoint is another', (_what, change) => {
    expect(brokenLink(checkpoint, { ...next, ...change })).toBe('checkpoint 2 does not follow from its own row and the one before');
  });

  it('breaks where a checkpoint is missing, or another stands before it', () => {
    expect(brokenLink(undefined, next)).toBe('checkpoint 1 is gone: 2 comes next');
    expect(brokenLink(checkpointOf(undefined, [one, two]), next)).toBe('checkpoint 2 does not follow from its own row and the one before');
  });
});
