import { beside, createReadiness, type PartHealth } from './health';

const well = { ready: true };
const ill = { ready: false, cause: 'away' };

describe('readiness', () => {
  it('is that of every part, with the causes', async () => {
    const ask = createReadiness({
      database: () => ill, bus: () => well,
      broken: () => {
        throw new Error('no answer');
      },
    });
    expect(await ask()).toEqual({
      ready: false, parts: { database: ill, bus: well, broken: { ready: false, cause: 'no answer' } },
    });
  });

  it('sees parts that were added after it was made', async () => {
    const checks: Record<string, () => PartHealth> = { database: () => well };
    const ask = createReadiness(checks);
    expect((await ask()).ready).toBe(true);
    checks['consumer'] = () => ill;
    expect((await ask()).ready).toBe(false);
  });

  it('asks once for all who ask at the same time, and anew for those who come later', async () => {
    let asked = 0;
    const ask = createReadiness({ database: async () => ({ ready: ++asked < 2 }) });
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(Array(3).fill({ ready: true, parts: { database: well } }));
    expect((await ask()).ready).toBe(false);
    expect(asked).toBe(2);
  });

  it('does not wait for a part that hangs', async () => {
    jest.useFakeTimers();
    const answer = createReadiness({ database: () => new Promise<never>(() => undefined) })();
    await jest.advanceTimersByTimeAsync(3_000);
    jest.useRealTimers();
    expect((await answer).parts['database']).toEqual({ ready: false, cause: 'no answer within 3000 ms' });
  });
});

describe('a part beside the requests', () => {
  it.each([
    ['counts while it has not begun', [ill], 0, false],
    ['counts no more once it worked', [well, ill], 0, true],
    ['counts no more once the start is long ago', [ill], 15_001, true],
  ] as const)('%s', async (_name, answers, afterMs, ready) => {
    let now = 0;
    const left: PartHealth[] = [...answers];
    const ask = createReadiness({ consumer: beside(() => left.shift()!, () => now) });
    now = afterMs;
    let last = await ask();
    if (left.length > 0) last = await ask();
    expect(last.ready).toBe(ready);
    expect(last.parts['consumer']).toMatchObject(answers.at(-1)!);
  });
});
