import type { Rate } from './rate.domain';
import { createRates } from './rate.service';

const OPEN = { perSecond: 1_000_000, burst: 1_000_000 };
const [TWO, FOUR, SIX] = [2, 4, 6].map((burst) => ({ perSecond: 0.001, burst })) as [Rate, Rate, Rate];
const asker = { principal: null, partner: { partnerId: 'p' }, address: '192.0.2.1' };

/** Gives rates, and how much of its own a partner may have at once. */
function partnerRates() {
  const rates = createRates({ person: OPEN, anonymous: OPEN, network: OPEN, badTokens: OPEN }, () => 0);
  const most = (): number => {
    let units = 0;
    while (rates.take(asker, 1) === 0) units += 1;
    return units;
  };
  return { rates, most };
}

describe('the rate of a partner', () => {
  test.each([[1_000, 4], [1_001, 2], [2_000, 2]])('that was changed at 1000, and a token of %i says another: %i at once', (issuedAt, expected) => {
    for (const tokenFirst of [true, false]) {
      const { rates, most } = partnerRates();
      const steps = [() => rates.knowPartner('p', TWO, issuedAt), () => rates.changePartner('p', FOUR, 1_000)];
      for (const step of tokenFirst ? steps : steps.reverse()) step();
      expect(most()).toBe(expected);
    }
  });

  test('that was changed last counts, in whatever order changes are told', () => {
    const { rates, most } = partnerRates();
    for (const [rate, at] of [[SIX, 3_000], [TWO, 1_000], [SIX, 3_000], [FOUR, 2_000]] as const) rates.changePartner('p', rate, at);
    expect(most()).toBe(6);
  });

  test('gives what it holds more, or less, from then on, and nothing again for being told again', () => {
    const { rates, most } = partnerRates();
    rates.knowPartner('p', FOUR, 1_000);
    expect(most()).toBe(4);
    rates.changePartner('p', SIX, 2_000);
    rates.changePartner('p', SIX, 2_000);
    expect(most()).toBe(2);
    rates.changePartner('p', TWO, 3_000);
    expect(most()).toBe(0);
  });
});
