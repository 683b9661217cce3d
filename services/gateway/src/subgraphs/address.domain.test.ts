import fc from 'fast-check';
import {
  type AddressState,
  answered,
  asked,
  busy,
  choose,
  isProbeDue,
  leaving,
  newAddress,
  PROBE_MS,
  probed,
  refused,
  SILENCE_MS,
  unanswered,
} from './address.domain';

const state = (changes: Partial<AddressState> = {}): AddressState => ({ ...newAddress(), ...changes });
const first = (): number => 0;

test.each<[string, (AddressState | undefined)[], number | undefined]>([
  ['the one that has less to do', [state({ inFlight: 3 }), state({ inFlight: 1 })], 1],
  ['one that is up rather than one that is not ready', [state({ health: 'unready' }), state({ inFlight: 9 })], 1],
  ['one that is not ready where none is', [state({ health: 'refusing' }), state({ health: 'unready' })], 1],
  ['one that has time rather than one that is busy', [state({ busyUntil: 2_000 }), state({ inFlight: 9 })], 1],
  ['a busy one where all are', [state({ busyUntil: 2_000 })], 0],
  ['one that refuses, by one request', [state({ health: 'refusing' })], 0],
  ['nobody while that request is under way', [state({ health: 'refusing', inFlight: 1 })], undefined],
  ['nobody where all are silent', [state({ health: 'silent' }), undefined], undefined],
  ['none that was tried', [undefined, state()], 1],
  ['one whose busy time is over', [state({ busyUntil: 1_000 }), state({ inFlight: 9 })], 0],
  ['a busy one rather than one that is not ready', [state({ health: 'unready' }), state({ busyUntil: 1_001 })], 1],
  ['one that is not ready rather than one that refuses', [state({ health: 'unready', inFlight: 9 }), state({ health: 'refusing' })], 0],
  ['nobody where there is none', [], undefined],
])('a request goes to %s', (_what, states, index) => {
  expect(choose(states, 1_000, first)).toBe(index);
});

test.each<[string, number[], number[], number]>([
  // Requests under way at each, what chance draws, who is chosen: of the first drawn and another one the less busy.
  ['the first and the next', [5, 1, 3], [0, 0], 1],
  ['the first and the last', [5, 1, 3], [0, 0.99], 2],
  ['the middle and the last', [5, 1, 3], [0.34, 0], 1],
  ['the middle and the first', [1, 2, 3], [0.34, 0.99], 0],
  ['the last and the first', [5, 1, 3], [0.99, 0], 2],
  ['the last and the middle', [5, 1, 3], [0.99, 0.99], 1],
  ['the first of two that are alike', [2, 2], [0, 0], 0],
  ['the last of two that are alike', [2, 2], [0.99, 0], 1],
])('two are compared: %s', (_what, inFlight, drawn, index) => {
  const left = [...drawn];
  expect(choose([undefined, state({ health: 'unready' }), ...inFlight.map((count) => state({ inFlight: count }))], 0, () => left.shift()!)).toBe(index + 2);
});

test('of several that are up, one that has more to do than all others is never chosen', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6 }), fc.nat(5), fc.array(chance, { minLength: 2, maxLength: 2 }), (count, at, chances) => {
      const loaded = at % count;
      const states = Array.from({ length: count }, (_, index) => state({ inFlight: index === loaded ? 5 : 1 }));
      const left = [...chances];
      const index = choose(states, 0, () => left.shift()!)!;
      expect(index).not.toBe(loaded);
      expect(states[index]).toBeDefined();
    }),
  );
});

describe('an address', () => {
  test('that refuses is left out at once, and back with its next answer', () => {
    const gone = refused(unanswered(asked(state(), 10)), 11);
    expect(gone).toMatchObject({ health: 'refusing', inFlight: 0 });
    expect(answered(asked(gone, 20), 21)).toMatchObject({ health: 'up', inFlight: 0, heardAt: 21 });
  });

  test('that says that it leaves is not ready until a probe finds it ready', () => {
    const left = leaving(state(), 5);
    expect(left.health).toBe('unready');
    expect(answered(asked(left, 6), 7).health).toBe('unready');
    expect(probed(left, 8, 'ready').health).toBe('up');
  });

  test('that was asked and says nothing is looked at after a while, and is silent where the probe hears nothing', () => {
    const waiting = asked(state(), 1_000);
    expect(isProbeDue(waiting, 1_000 + SILENCE_MS - 1, false)).toBe(false);
    expect(isProbeDue(waiting, 1_000 + SILENCE_MS, false)).toBe(true);
    const probing = { ...waiting, isProbing: true, probedAt: 3_000 };
    expect(isProbeDue(probing, 9_000, true)).toBe(false);
    expect(probed(probing, 4_500, 'nothing')).toMatchObject({ health: 'silent', isProbing: false });
  });

  test('that answers others while a probe waits is there', () => {
    const probing = { ...asked(asked(state(), 1_000), 1_000), isProbing: true, probedAt: 3_000 };
    expect(probed(answered(probing, 3_500), 4_500, 'nothing').health).toBe('up');
  });

  test('that is alone and well is not probed; one of several is', () => {
    expect(isProbeDue(state(), 1e6, false)).toBe(false);
    expect(isProbeDue(state({ probedAt: 1e6 - PROBE_MS }), 1e6, true)).toBe(true);
  });

  test('that is away is asked less and less often, but at least every two seconds', () => {
    let away = refused(state(), 0);
    const pauses: number[] = [];
    for (let now = 0, last = 0; pauses.length < 6; now += 50) {
      if (!isProbeDue(away, now, false)) continue;
      pauses.push(now - last);
      last = now;
      away = probed({ ...away, probedAt: now, isProbing: true }, now, 'refused');
    }
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 2_000, 2_000]);
  });

  test('that is busy is passed over as long as it says, and at most a second', () => {
    expect(busy(state(), 100, 400).busyUntil).toBe(500);
    expect(busy(state(), 100, 60_000).busyUntil).toBe(1_100);
  });

  const away = { inFlight: 2, heardAt: 10, probedAt: 20, failures: 3, busyUntil: 5 } as const;

  test('waits since it was asked first, not last', () => {
    expect(asked(state({ heardAt: 1 }), 10)).toEqual(state({ inFlight: 1, heardAt: 10 }));
    expect(asked(state({ inFlight: 1, heardAt: 10 }), 20)).toEqual(state({ inFlight: 2, heardAt: 10 }));
  });

  test.each<[AddressState['health'], AddressState['health'], number]>([
    ['up', 'up', 3], ['unready', 'unready', 3], ['refusing', 'up', 0], ['silent', 'up', 0],
  ])('that is %s and answers is %s', (health, then, failures) => {
    expect(answered(state({ ...away, health }), 30)).toEqual(state({ ...away, health: then, inFlight: 1, heardAt: 30, failures }));
  });

  test.each<[AddressState['health'], boolean]>([['up', true], ['unready', true], ['silent', true], ['refusing', false]])('that is %s and refuses begins anew: %s', (health, isNews) => {
    const before = state({ ...away, health });
    expect(refused(before, 30)).toEqual(isNews ? { ...before, health: 'refusing', failures: 0, probedAt: 30 } : before);
  });

  test.each<[AddressState['health'], boolean]>([['up', true], ['unready', false], ['silent', false], ['refusing', false]])('that is %s and says that it leaves is news: %s', (health, isNews) => {
    const before = state({ ...away, health });
    expect(leaving(before, 30)).toEqual(isNews ? { ...before, health: 'unready', failures: 0, probedAt: 30 } : before);
  });

  test.each<[AddressState['health'], Parameters<typeof probed>[2], Partial<AddressState>, Partial<AddressState>]>([
    ['silent', 'ready', {}, { health: 'up', failures: 0, heardAt: 30 }],
    ['up', 'unready', {}, { health: 'unready', failures: 4, heardAt: 30 }],
    ['up', 'refused', {}, { health: 'refusing', failures: 4 }],
    ['up', 'nothing', {}, { health: 'silent', failures: 4 }],
    // What was heard in the very moment of the probe was heard before it.
    ['up', 'nothing', { heardAt: 20 }, { health: 'silent', failures: 4 }],
    ['up', 'nothing', { heardAt: 21 }, {}],
    ['unready', 'nothing', { heardAt: 21 }, {}],
    ['silent', 'nothing', { heardAt: 21 }, { failures: 4 }],
  ])('that is %s, of which a probe finds %s, where %j: %j', (health, finding, more, change) => {
    const before = state({ ...away, ...more, health, isProbing: true });
    expect(probed(before, 30, finding)).toEqual({ ...before, isProbing: false, ...change });
  });

  test.each<[string, Partial<AddressState>, number, boolean, boolean]>([
    ['has answered all', { inFlight: 0 }, 1e6, false, false],
    ['was heard of lately', { inFlight: 1, heardAt: 8_001 }, 10_000, false, false],
    ['was heard of long ago', { inFlight: 1, heardAt: 8_000 }, 10_000, false, true],
    ['was heard of long ago and probed lately', { inFlight: 1, heardAt: 8_000, probedAt: 8_001 }, 10_000, false, false],
    ['was heard of and probed long ago', { inFlight: 1, heardAt: 8_000, probedAt: 8_000 }, 10_000, false, true],
    ['is one of several and probed lately', { probedAt: 9_501 }, 10_000, true, false],
    ['is one of several and probed a while ago', { probedAt: 9_500 }, 10_000, true, true],
    ['is not ready, and alone', { health: 'unready', probedAt: 9_750 }, 10_000, false, true],
    ['is not ready, and probed lately', { health: 'unready', probedAt: 9_751 }, 10_000, true, false],
    ['is away for long', { health: 'silent', failures: 1_000, probedAt: 8_000 }, 10_000, false, true],
    ['is away for long, and probed lately', { health: 'silent', failures: 1_000, probedAt: 8_001 }, 10_000, true, false],
    ['is away and being probed', { health: 'refusing', isProbing: true }, 1e6, true, false],
  ])('that %s', (_what, is, now, isOneOfMany, isDue) => {
    expect(isProbeDue(state(is), now, isOneOfMany)).toBe(isDue);
  });
});
