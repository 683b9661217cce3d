import { behaviourOf, CARD_NUMBERS, passesLuhn, planCharge } from './card-behaviour.domain';

describe('cards of the sandbox', () => {
  test.each(Object.entries(CARD_NUMBERS))('%s is a card number and behaves as %s', (number, behaviour) => {
    expect(passesLuhn(number)).toBe(true);
    expect(behaviourOf(number)).toBe(behaviour);
  });

  test.each([
    ['5555555555554444', 'accept'],
    ['378282246310005', 'accept'],
    ['4242424242424241', null],
    ['42', null],
    ['', null],
    ['4242 4242 4242 4242', null],
    ['4'.repeat(20), null],
  ])('%s: %s', (number, behaviour) => {
    expect(behaviourOf(number)).toBe(behaviour);
  });

  test.each([
    ['accept', 1, 'succeeded', 'result'],
    ['decline', 1, 'declined', 'result'],
    ['decline', 2, 'declined', 'result'],
    ['slow', 1, 'succeeded', 'result'],
    ['silent-before', 1, null, 'none'],
    ['silent-before', 2, 'succeeded', 'result'],
    ['silent-after', 1, 'succeeded', 'none'],
    ['silent-after', 2, 'succeeded', 'result'],
    ['fail-before', 1, null, 'error'],
    ['fail-before', 2, 'succeeded', 'result'],
    ['fail-after', 1, 'succeeded', 'error'],
    ['fail-after', 2, 'succeeded', 'result'],
  ] as const)('%s, call %i: money %s, answer %s', (behaviour, attempt, status, answer) => {
    expect(planCharge(behaviour, attempt)).toMatchObject({ status, answer });
  });
});
