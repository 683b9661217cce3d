import fc from 'fast-check';
import {
  type AskedCharge, type ChargeState, type ChargeWord, decideNotice, decideUnknown, isKnown, LOOKED_AT_MS, type NoticeType, stateOf, transition,
} from './charge-notice.domain';

describe('a notice', () => {
  const answers: Readonly<Record<string, AskedCharge>> = {
    succeeded: { status: 'succeeded', returned: null }, declined: { status: 'declined', returned: null },
    disputed: { status: 'succeeded', returned: 'disputed' }, refunded: { status: 'succeeded', returned: 'refunded' },
    refused: { status: 'refused' }, unknown: { status: 'unknown' }, silent: { status: 'silent' },
  };
  const succeeds = { do: 'BOOK', word: 'SUCCEEDED' };
  const declined = { do: 'BOOK', word: 'DECLINED' };
  const again = { do: 'AGAIN' };
  const unconfirmed = { do: 'END', outcome: 'UNCONFIRMED' };

  it.each<[NoticeType, string, number, object]>([
    // It says: the processor answers, after so long: what is done.
    ['charge.succeeded', 'succeeded', 0, succeeds],
    ['charge.succeeded', 'succeeded', LOOKED_AT_MS * 2, succeeds],
    ['charge.failed', 'declined', 0, declined],
    ['charge.disputed', 'disputed', 0, { do: 'BOOK', word: 'DISPUTED' }],
    ['charge.refunded', 'refunded', 0, { do: 'BOOK', word: 'REFUNDED' }],
    // What is answered counts, not what was told.
    ['charge.succeeded', 'declined', 0, declined],
    ['charge.failed', 'succeeded', 0, succeeds],
    ['charge.succeeded', 'disputed', 0, { do: 'BOOK', word: 'DISPUTED' }],
    ['charge.disputed', 'refunded', 0, { do: 'BOOK', word: 'REFUNDED' }],
    // Nothing is known: nothing is booked.
    ['charge.succeeded', 'silent', 0, again],
    ['charge.succeeded', 'unknown', 0, again],
    ['charge.succeeded', 'refused', 0, again],
    ['charge.succeeded', 'unknown', LOOKED_AT_MS - 1, again],
    ['charge.succeeded', 'unknown', LOOKED_AT_MS, unconfirmed],
    ['charge.failed', 'silent', LOOKED_AT_MS, unconfirmed],
    // The answer is older than the notice.
    ['charge.disputed', 'succeeded', 0, again],
    ['charge.refunded', 'succeeded', LOOKED_AT_MS, unconfirmed],
    ['charge.disputed', 'declined', 0, again],
  ])('%s, the processor answers %s after %d ms: %j', (type, status, ageMs, step) => {
    expect(decideNotice(type, answers[status]!, ageMs)).toEqual(step);
  });

  it('is looked at for a week', () => expect(LOOKED_AT_MS).toBe(604_800_000));

  it.each([[0, again], [LOOKED_AT_MS - 1, again], [LOOKED_AT_MS, { do: 'END', outcome: 'UNKNOWN_CHARGE' }]])('of a charge that nobody knows, after %d ms: %j', (ageMs, step) => {
    expect(decideUnknown(ageMs)).toEqual(step);
  });

  it.each<[NoticeType, ChargeState, boolean]>([
    ['charge.succeeded', 'PENDING', false], ['charge.succeeded', 'SETTLED', true], ['charge.succeeded', 'DECLINED', false], ['charge.succeeded', 'GIVEN_UP', false],
    ['charge.failed', 'PENDING', false], ['charge.failed', 'SETTLED', false], ['charge.failed', 'DECLINED', true], ['charge.failed', 'GIVEN_UP', false],
    ['charge.disputed', 'SETTLED', false], ['charge.disputed', 'PENDING', false], ['charge.refunded', 'SETTLED', false],
    ['charge.succeeded', 'RETURNED', true], ['charge.failed', 'RETURNED', false], ['charge.disputed', 'RETURNED', true], ['charge.refunded', 'RETURNED', true],
  ])('%s of a top-up that is %s is known: %s', (type, state, known) => {
    expect(isKnown(type, state)).toBe(known);
  });
});

describe('a word of the processor', () => {
  it.each<[Parameters<typeof stateOf>[0], ChargeState]>([
    [{ status: 'PENDING', chargeId: null, returnedAt: null }, 'PENDING'], [{ status: 'SETTLED', chargeId: 'c', returnedAt: null }, 'SETTLED'],
    [{ status: 'FAILED', chargeId: 'c', returnedAt: null }, 'DECLINED'], [{ status: 'FAILED', chargeId: null, returnedAt: null }, 'GIVEN_UP'],
    [{ status: 'SETTLED', chargeId: 'c', returnedAt: new Date(0) }, 'RETURNED'],
  ])('%j is %s', (topUp, state) => {
    expect(stateOf(topUp)).toBe(state);
  });

  it.each<[ChargeState, ChargeWord, string]>([
    ['PENDING', 'SUCCEEDED', 'SETTLE'], ['PENDING', 'DECLINED', 'FAIL'],
    ['SETTLED', 'SUCCEEDED', ''], ['SETTLED', 'DECLINED', 'contradicts'],
    ['DECLINED', 'SUCCEEDED', 'contradicts'], ['DECLINED', 'DECLINED', ''],
    ['GIVEN_UP', 'SUCCEEDED', 'SETTLE'], ['GIVEN_UP', 'DECLINED', ''],
    ['RETURNED', 'SUCCEEDED', ''], ['RETURNED', 'DECLINED', 'contradicts'],
    ['PENDING', 'DISPUTED', 'SETTLE RETURN'], ['SETTLED', 'DISPUTED', 'RETURN'], ['DECLINED', 'DISPUTED', 'contradicts'],
    ['GIVEN_UP', 'DISPUTED', 'SETTLE RETURN'], ['RETURNED', 'DISPUTED', ''],
    ['PENDING', 'REFUNDED', 'SETTLE RETURN'], ['SETTLED', 'REFUNDED', 'RETURN'], ['DECLINED', 'REFUNDED', 'contradicts'],
    ['GIVEN_UP', 'REFUNDED', 'SETTLE RETURN'], ['RETURNED', 'REFUNDED', ''],
  ])('%s, %s: %s', (state, word, done) => {
    const { steps, contradicts } = transition(state, word);
    expect([...steps, ...(contradicts ? ['contradicts'] : [])].join(' ')).toBe(done);
  });

  const AFTER: Readonly<Record<string, ChargeState>> = { SETTLE: 'SETTLED', FAIL: 'DECLINED', RETURN: 'RETURNED' };
  it('said twice is said once, and a later state is never undone', () => {
    const words = fc.array(fc.constantFrom<ChargeWord>('SUCCEEDED', 'DECLINED', 'DISPUTED', 'REFUNDED'), { maxLength: 8 });
    fc.assert(fc.property(words, fc.constantFrom<ChargeState>('PENDING', 'SETTLED', 'DECLINED', 'GIVEN_UP', 'RETURNED'), (told, first) => {
      let state = first;
      const booked: string[] = [];
      for (const word of told) {
        const { steps } = transition(state, word);
        if (state === 'RETURNED' || state === 'DECLINED') expect(steps).toEqual([]);
        if (state === 'SETTLED') expect(['', 'RETURN']).toContain(steps.join());
        booked.push(...steps);
        state = steps.reduce((_before, step) => AFTER[step]!, state);
        expect(transition(state, word).steps).toEqual([]);
      }
      expect(new Set(booked).size).toBe(booked.length);
      if (booked.includes('RETURN') && first !== 'SETTLED') expect(booked).toEqual(['SETTLE', 'RETURN']);
    }));
  });

  it('leaves the same whichever of two comes first, that it came or that it went back', () => {
    const after = (words: readonly ChargeWord[]) => words.reduce((state, word) => transition(state, word).steps.reduce((_before, step) => AFTER[step]!, state), 'PENDING' as ChargeState);
    expect([after(['SUCCEEDED', 'DISPUTED']), after(['DISPUTED', 'SUCCEEDED'])]).toEqual(['RETURNED', 'RETURNED']);
  });
});
