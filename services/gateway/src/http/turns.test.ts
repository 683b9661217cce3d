import { createTurns } from './turns';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('begin what comes at once, as long as it is few', () => {
    const turns = createTurns(2);
    const begun: number[] = [];
    for (const n of [1, 2]) turns(() => begun.push(n) > 0);
    expect(begun).toEqual([1, 2]);
  });

  it('begin so many each, in the order of their coming, and what comes meanwhile after those that wait', async () => {
    const turns = createTurns(2);
    const begun: number[] = [];
    for (const n of [1, 2, 3, 4, 5, 6]) turns(() => begun.push(n) > 0);
    expect(begun).toEqual([1, 2]);
    await turn();
    expect(begun).toEqual([1, 2, 3, 4]);
    turns(() => begun.push(7) > 0);
    expect(begun).toEqual([1, 2, 3, 4]);
    await turn();
    expect(begun).toEqual([1, 2, 3, 4, 5, 6]);
    await turn();
    expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('count what begins in one of them, be it of those that waited or not', async () => {
    const turns = createTurns(2);
    const begun: number[] = [];
    for (const n of [1, 2, 3]) turns(() => begun.push(n) > 0);
    await turn();
    for (const n of [4, 5]) turns(() => begun.push(n) > 0);
    expect(begun).toEqual([1, 2, 3, 4]);
    await turn();
    await turn();
    turns(() => begun.push(6) > 0);
    expect(begun).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('are not taken by what turns out to be no work', async () => {
    const turns = createTurns(2);
    const begun: number[] = [];
    for (let n = 0; n < 5_000; n++) turns(() => n % 2_500 === 0 && begun.push(n) > 0);
    turns(() => begun.push(5_000) > 0);
    expect(begun).toEqual([0, 2_500]);
    await turn();
    expect(begun).toEqual([0, 2_500, 5_000]);
  });

  it('come in order however many there are', async () => {
    const turns = createTurns(100);
    const begun: number[] = [];
    for (let n = 0; n < 5_000; n++) turns(() => begun.push(n) > 0);
    for (let n = 0; n < 60; n++) await turn();
    expect(begun).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
  });
});
