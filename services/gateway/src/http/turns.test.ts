import { createTurns } from './turns';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('begin what comes at once, as long as it is few', () => {
    const turns = createTurns(2);
    const begun: number[] = [];
    for (const n of [1, 2]) turns(() => begun.push(n));
    expect(begun).toEqual([1, 2]);
  });

  it('begin so many each, in the order of their coming, and what comes meanwhile after those that wait', async () => {
    const turns = createTurns(2);
    const begun: number[] = [];
    for (const n of [1, 2, 3, 4, 5, 6]) turns(() => begun.push(n));
    expect(begun).toEqual([1, 2]);
    await turn();
    expect(begun).toEqual([1, 2, 3, 4]);
    turns(() => begun.push(7));
    expect(begun).toEqual([1, 2, 3, 4]);
    await turn();
    expect(begun).toEqual([1, 2, 3, 4, 5, 6]);
    await turn();
    expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('count what begins in one of them, be it of those that waited or not', async () => {
    const turns = createTurns(2);
    const begun: number[] = [];
    for (const n of [1, 2, 3]) turns(() => begun.push(n));
    await turn();
    for (const n of [4, 5]) turns(() => begun.push(n));
    expect(begun).toEqual([1, 2, 3, 4]);
    await turn();
    await turn();
    turns(() => begun.push(6));
    expect(begun).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('go on after a piece that throws', async () => {
    const turns = createTurns(1);
    const begun: number[] = [];
    expect(() => turns(() => { throw new Error('broken'); })).toThrow('broken');
    turns(() => begun.push(1));
    await turn();
    expect(begun).toEqual([1]);
  });
});
