import { createWorkLimit } from './work-limit';

/** A machine that does so many pieces a second, whatever is in work, under so many clients, for a while. Gives the limit. */
function run(limit: ReturnType<typeof createWorkLimit>, clock: { ms: number }, load: { perSecond: number; clients: number; forMs: number }): number {
  const begun: number[] = [];
  const stepMs = 1_000 / load.perSecond;
  for (const end = clock.ms + load.forMs; clock.ms < end; clock.ms += stepMs) {
    while (begun.length < Math.min(load.clients, limit.current())) limit.began(begun.push(clock.ms));
    limit.ended(clock.ms - begun.shift()!);
  }
  return limit.current();
}

const setUp = () => {
  const clock = { ms: 0 };
  return { clock, limit: createWorkLimit({ max: 128, targetMs: 1_000, now: () => clock.ms }) };
};

describe('the limit of what is in work', () => {
  it('stays where it is while the work is done in time', () => {
    const { clock, limit } = setUp();
    expect(run(limit, clock, { perSecond: 1_000, clients: 5_000, forMs: 5_000 })).toBe(128);
    expect(Math.round(limit.usualMs() / 10)).toBe(13);
  });

  it('goes down to what is done in time, and up again', () => {
    const { clock, limit } = setUp();
    const slow = run(limit, clock, { perSecond: 40, clients: 5_000, forMs: 20_000 });
    expect(slow).toBeGreaterThan(25);
    expect(slow).toBeLessThan(55);
    expect(limit.usualMs()).toBeLessThan(1_500);
    expect(run(limit, clock, { perSecond: 1_000, clients: 5_000, forMs: 5_000 })).toBe(128);
  });

  it('never goes below sixteen, and is not lowered for what few wait for', () => {
    const { clock, limit } = setUp();
    expect(run(limit, clock, { perSecond: 2, clients: 100, forMs: 30_000 })).toBe(128);
    expect(run(limit, clock, { perSecond: 2, clients: 5_000, forMs: 600_000 })).toBe(16);
  });

  it('takes a batch that ends at once for what it is, also after a long rest', () => {
    const { clock, limit } = setUp();
    clock.ms = 60_000;
    for (let inWork = 1; inWork <= 128; inWork++) limit.began(inWork);
    clock.ms += 200;
    for (let n = 0; n < 64; n++) limit.ended(200);
    expect([limit.current(), limit.usualMs()]).toEqual([128, 200]);
  });

  it('forgets an overload after a rest', () => {
    const { clock, limit } = setUp();
    expect(run(limit, clock, { perSecond: 20, clients: 5_000, forMs: 20_000 })).toBeLessThan(40);
    clock.ms += 500;
    limit.began(1);
    expect(limit.current()).toBeLessThan(40);
    limit.ended(1_500);
    clock.ms += 3_600_000;
    limit.began(1);
    expect([limit.current(), limit.usualMs()]).toEqual([128, 0]);
  });
});
