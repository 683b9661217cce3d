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
])('a request goes to %s', (_what, states, index) => {
  expect(choose(states, 1_000, first)).toBe(index);
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
});
