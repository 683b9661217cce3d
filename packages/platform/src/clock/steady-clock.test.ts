import fc from 'fast-check';
import { createSteadyClock } from './steady-clock';

const DAY = 86_400_000;

function setUp() {
  const world = { monotonic: 0, wall: 1_800_000_000_000 };
  const truth = () => 1_800_000_000_000 + world.monotonic;
  const clock = createSteadyClock({ toleranceMs: 1_000, own: () => world.wall, monotonic: () => world.monotonic });
  return { world, truth, clock };
}

describe('a steady clock', () => {
  it('is the clock of the process until it was told, and while the two agree', () => {
    const { world, truth, clock } = setUp();
    expect(clock.now()).toBe(world.wall);
    clock.told(truth() + 400, world.monotonic);
    expect([clock.now(), clock.aheadMs()]).toEqual([world.wall, -400]);
  });

  it.each([['two days ahead', 2 * DAY], ['an hour behind', -3_600_000], ['1.001 s ahead', 1_001]])('goes on where the process jumps %s, and back', (_what, jump) => {
    const { world, truth, clock } = setUp();
    clock.told(truth(), world.monotonic);
    world.monotonic += 5_000;
    world.wall += 5_000 + jump;
    expect([clock.now(), clock.aheadMs()]).toEqual([truth(), jump]);
    world.wall -= jump;
    expect([clock.now(), clock.aheadMs()]).toEqual([world.wall, 0]);
  });

  it('follows where the reference itself is set', () => {
    const { world, truth, clock } = setUp();
    clock.told(truth(), 0);
    clock.told(truth() + DAY, world.monotonic);
    expect(clock.now()).toBe(truth() + DAY);
  });

  it('is never further from the truth than its tolerance, whatever the process says', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(100_000), fc.integer({ min: -9 * DAY, max: 9 * DAY }))), (steps) => {
      const { world, truth, clock } = setUp();
      clock.told(truth(), 0);
      for (const [passed, offset] of steps) {
        world.monotonic += passed;
        world.wall = truth() + offset;
        expect(Math.abs(clock.now() - truth())).toBeLessThanOrEqual(1_000);
      }
    }));
  });
});
