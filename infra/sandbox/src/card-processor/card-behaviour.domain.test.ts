import { behaviourOf, CARD_NUMBERS, noticesOf, passesLuhn, planCharge, toldReturned } from './card-behaviour.domain';

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
    ['late', 1, 'succeeded', 'none'],
    ['late', 2, 'succeeded', 'none'],
    ['disputed-later', 1, 'succeeded', 'result'],
  ] as const)('%s, call %i: money %s, answer %s', (behaviour, attempt, status, answer) => {
    expect(planCharge(behaviour, attempt)).toMatchObject({ status, answer });
  });

  test.each([
    ['accept', 'succeeded', 'charge.succeeded 0 x1'],
    ['twice', 'declined', 'charge.failed 0 x1'],
    ['late', 'succeeded', 'charge.succeeded 6000 x1'],
    ['twice', 'succeeded', 'charge.succeeded 0 x2'],
    ['out-of-order', 'succeeded', 'charge.disputed 500 x1, charge.succeeded 500 x1'],
    ['disputed', 'succeeded', 'charge.succeeded 0 x1, charge.disputed 4000 x1'],
    ['disputed-later', 'succeeded', 'charge.succeeded 0 x1, charge.disputed 259200000 x1'],
    ['refunded', 'succeeded', 'charge.succeeded 0 x1, charge.refunded 4000 x1'],
  ] as const)('%s, %s: %s', (behaviour, status, told) => {
    expect(noticesOf(behaviour, status).map(({ type, afterMs, deliveries }) => `${type} ${afterMs} x${deliveries}`).join(', ')).toBe(told);
  });

  test('a card that tells out of order goes back in every second answer, another never', () => {
    expect([1, 2, 3].map((asked) => toldReturned('out-of-order', 'disputed', asked))).toEqual(['disputed', null, 'disputed']);
    expect([1, 2, 3].map((asked) => toldReturned('disputed', 'disputed', asked))).toEqual(['disputed', 'disputed', 'disputed']);
  });
});
