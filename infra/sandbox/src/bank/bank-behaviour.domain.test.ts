import { BANK_IBANS, bankBehaviourOf, ibanOf, lifeOf, passesMod97, planOrder, toldStatus } from './bank-behaviour.domain';

describe('accounts at the sandbox bank', () => {
  test.each(Object.entries(BANK_IBANS))('%s: %s is an IBAN and behaves so', (behaviour, iban) => {
    expect(passesMod97(iban)).toBe(true);
    expect(bankBehaviourOf(iban)).toBe(behaviour);
  });

  test.each([
    // Examples of the IBAN registry.
    ['DE89370400440532013000', 'settle'],
    ['GB29NWBK60161331926819', 'settle'],
    ['NO9386011117947', 'settle'],
    ['DE88370400440532013000', null],
    ['DE89 3704 0044 0532 0130 00', null],
    ['', null],
  ])('%s: %s', (iban, behaviour) => expect(bankBehaviourOf(iban)).toBe(behaviour));

  it('writes the check digits of the registry’s examples', () => {
    expect(ibanOf('DE', '370400440532013000')).toBe('DE89370400440532013000');
    expect(ibanOf('GB', 'NWBK60161331926819')).toBe('GB29NWBK60161331926819');
  });

  test.each([
    ['settle', 1, true, 'status'], ['late-answer', 1, true, 'late'], ['late-answer', 2, true, 'status'],
    ['cut-before', 1, false, 'cut'], ['cut-before', 2, true, 'status'], ['cut-after', 1, true, 'cut'],
    ['silent', 5, false, 'none'], ['statement-only', 5, true, 'none'],
  ] as const)('%s, call %i: taken %s, answer %s', (behaviour, attempt, takes, answer) => {
    expect(planOrder(behaviour, attempt)).toEqual({ takes, answer });
  });

  test.each([
    ['settle', ['SETTLED']], ['closed', ['FAILED']], ['returned', ['SETTLED', 'RETURNED']], ['returned-later', ['SETTLED', 'RETURNED']],
    ['out-of-order', ['RETURNED', 'SETTLED']], ['silent', []],
  ] as const)('the life of an order of %s: %j', (behaviour, statuses) => {
    expect(lifeOf(behaviour).map(({ status }) => status)).toEqual(statuses);
  });

  it('tells the statuses of one account backwards, and those of no other', () => {
    expect([1, 2, 3, 4].map((asked) => toldStatus('out-of-order', 'RETURNED', asked))).toEqual(
      ['RETURNED', 'SETTLED', 'ACCEPTED', 'RETURNED'],
    );
    expect(toldStatus('returned', 'RETURNED', 2)).toBe('RETURNED');
    expect(toldStatus('out-of-order', 'ACCEPTED', 1)).toBe('ACCEPTED');
  });
});
