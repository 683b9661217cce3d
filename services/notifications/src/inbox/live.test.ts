import { seenBy } from './live-feed';
import { LiveReader } from './live-reader';

describe('a snapshot', () => {
  const seen = seenBy('100:110:103,107');
  it.each([
    [99n, true],
    [100n, true],
    [102n, true],
    [103n, false],
    [107n, false],
    [109n, true],
    [110n, false],
    [500n, false],
  ])('sees transaction %s: %s', (xid, expected) => {
    expect(seen(xid)).toBe(expected);
  });
  it('with nothing running sees all before it', () => {
    const quiet = seenBy('110:110:');
    expect([quiet(109n), quiet(110n)]).toEqual([true, false]);
  });
});

describe('a live reader', () => {
  const open = (valuesMax = 3): { reader: LiveReader<number>; ends: () => number } => {
    let ends = 0;
    return { reader: new LiveReader<number>({ valuesMax, onEnd: () => (ends += 1) }), ends: () => ends };
  };
  it('gives values in order, whether they come before or after they are asked for', async () => {
    const { reader } = open();
    reader.put(1);
    const [first, second] = [reader.next(), reader.next()];
    reader.put(2);
    expect([await first, await second]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ]);
  });
  it('ends at once when its reader leaves, also while it waits', async () => {
    const { reader, ends } = open();
    const waiting = reader.next();
    await reader.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    reader.put(1);
    expect([await reader.next(), ends()]).toEqual([{ done: true, value: undefined }, 1]);
  });
  it('lets go who takes nothing', async () => {
    const { reader, ends } = open(2);
    [1, 2, 3, 4].forEach((value) => reader.put(value));
    expect(ends()).toBe(1);
  });
  it('hands a failure to who waits', async () => {
    const { reader } = open();
    const waiting = reader.next();
    reader.end({ error: new Error('away') });
    await expect(waiting).rejects.toThrow('away');
  });
});
