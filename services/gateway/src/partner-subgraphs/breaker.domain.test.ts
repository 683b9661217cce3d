import fc from 'fast-check';
import { answered, asked, type Breaker, CLOSED, failed, FAILURES_MAX, OPEN_MS, stateOf } from './breaker.domain';

const opened = (): Breaker => Array.from({ length: FAILURES_MAX }).reduce<Breaker>((breaker) => failed(breaker, 0), CLOSED);

test('failures in a row open it, an answer in between begins anew', () => {
  const four = Array.from({ length: FAILURES_MAX - 1 }).reduce<Breaker>((breaker) => failed(breaker, 0), CLOSED);
  expect(stateOf(four, 0)).toBe('CLOSED');
  expect(stateOf(failed(four, 0), 0)).toBe('OPEN');
  expect(stateOf(failed(answered(), 0), 0)).toBe('CLOSED');
});

test('while it is open nobody asks; then one does, and nobody beside them', () => {
  const open = opened();
  expect(asked(open, OPEN_MS - 1).may).toBe(false);
  expect(stateOf(open, OPEN_MS)).toBe('HALF_OPEN');
  const trial = asked(open, OPEN_MS);
  expect(trial.may).toBe(true);
  expect(asked(trial.next, OPEN_MS + 1).may).toBe(false);
});

test('the trial decides: an answer closes it, a failure opens it for as long again', () => {
  const { next } = asked(opened(), OPEN_MS);
  expect(stateOf(answered(), OPEN_MS)).toBe('CLOSED');
  expect(stateOf(failed(next, OPEN_MS + 10), 2 * OPEN_MS + 9)).toBe('OPEN');
  expect(stateOf(failed(next, OPEN_MS + 10), 2 * OPEN_MS + 10)).toBe('HALF_OPEN');
});

test('a trial that nobody ended does not keep it shut for ever', () => {
  const { next } = asked(opened(), OPEN_MS);
  expect(asked(next, OPEN_MS + 60_000).may).toBe(true);
});

test('what is known after each step', () => {
  expect(failed(failed(CLOSED, 1), 2)).toEqual({ failures: 2, openUntil: null, trialAt: null });
  const open = { failures: FAILURES_MAX, openUntil: OPEN_MS, trialAt: null };
  expect(opened()).toEqual(open);
  expect(asked(CLOSED, 1)).toEqual({ may: true, next: CLOSED });
  expect(asked(open, OPEN_MS - 1)).toEqual({ may: false, next: open });
  const trial = { ...open, trialAt: OPEN_MS };
  expect(asked(open, OPEN_MS)).toEqual({ may: true, next: trial });
  // Ten seconds are for the trial.
  expect(asked(trial, OPEN_MS + 9_999)).toEqual({ may: false, next: trial });
  expect(asked(trial, OPEN_MS + 10_000)).toEqual({ may: true, next: { ...open, trialAt: OPEN_MS + 10_000 } });
  expect(failed(trial, OPEN_MS + 7)).toEqual({ failures: FAILURES_MAX + 1, openUntil: 2 * OPEN_MS + 7, trialAt: null });
});

test('what failed late does not make it wait longer', () => {
  const open = opened();
  expect(failed(open, OPEN_MS - 1)).toEqual(open);
});

test('whatever happens, it is asked again in the end', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('ask', 'fail', 'answer'), fc.nat(OPEN_MS))), (events) => {
      let [breaker, now]: [Breaker, number] = [CLOSED, 0];
      for (const [event, pause] of events) {
        now += pause;
        breaker = event === 'ask' ? asked(breaker, now).next : event === 'fail' ? failed(breaker, now) : answered();
      }
      expect(asked(breaker, now + 60_000).may).toBe(true);
    }),
  );
});
