import { currencyCode, type Money } from '@tael/money';
import fc from 'fast-check';
import { ACCOUNTS_A_DAY, ACCOUNTS_WAITING_MAX, checkBankAccount, checkDeposits, isIban, mayAdd, usable } from './bank-account.domain';
import { IBAN_LENGTHS } from './iban-lengths.domain';

/** Writes the two check digits in front of an account's number, as ISO 13616 has it. */
function withCheckDigits(country: string, account: string): string {
  const digits = [...`${account}${country}00`].map((sign) => String(parseInt(sign, 36))).join('');
  return `${country}${String(98n - (BigInt(digits) % 97n)).padStart(2, '0')}${account}`;
}

describe('isIban', () => {
  it.each([
    // Examples of the registry.
    'AD1200012030200359100100', 'AE070331234567890123456', 'AT611904300234573201', 'BE68539007547034', 'BR1800360305000010009795493C1',
    'CH9300762011623852957', 'DE89370400440532013000', 'ES9121000418450200051332', 'FR1420041010050500013M02606',
    'GB29NWBK60161331926819', 'LC55HEMM000100010012001200023015', 'MT84MALT011000012345MTLCAST001S', 'NL91ABNA0417164300',
    'NO9386011117947', 'PL61109010140000071219812874', 'SE4550000000058398257466',
  ])('%s is one', (iban) => expect(isIban(iban)).toBe(true));

  it.each([
    ['another digit', 'DE88370400440532013000'], ['two digits swapped', 'DE89370400440532010300'], ['a digit too few', 'DE8937040044053201300'],
    ['a digit too many', 'DE893704004405320130000'], ['another country of the same remainder', 'XX89370400440532013000'],
    ['small letters', 'de89370400440532013000'], ['spaces', 'DE89 3704 0044 0532 0130 00'], ['letters for check digits', 'DEAB370400440532013000'],
    ['a sign that is none', 'GB29NWBK6016133192681!'], ['nothing', ''], ['a country alone', 'DE'],
    ['check digits 00 where 97 is meant', 'GB00BARC20201530093459'],
  ])('%s: %s is none', (_what, iban) => expect(isIban(iban)).toBe(false));

  it('takes no check digits but those of two to ninety-eight', () => {
    for (const [country, length] of Object.entries(IBAN_LENGTHS)) {
      const all = Array.from({ length: 100 }, (_, n) => `${country}${String(n).padStart(2, '0')}${'7'.repeat(length - 4)}`);
      expect(all.filter(isIban)).toEqual([withCheckDigits(country, '7'.repeat(length - 4))]);
    }
  });

  it('notices each single wrong sign and each two neighbours that were swapped', () => {
    const sign = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    const country = fc.constantFrom(...Object.keys(IBAN_LENGTHS));
    const account = country.chain((code) =>
      fc.array(sign, { minLength: IBAN_LENGTHS[code]! - 4, maxLength: IBAN_LENGTHS[code]! - 4 })
        .map((signs) => withCheckDigits(code, signs.join(''))));
    fc.assert(fc.property(account, fc.nat(), sign, (iban, place, other) => {
      expect(isIban(iban)).toBe(true);
      const at = 4 + (place % (iban.length - 4));
      if (iban[at] !== other && /\d/.test(iban[at]!) === /\d/.test(other)) {
        expect(isIban(iban.slice(0, at) + other + iban.slice(at + 1))).toBe(false);
      }
    }));
  });
});

describe('checkBankAccount', () => {
  it('takes an account as people write it', () => {
    expect(checkBankAccount({ iban: 'de89 3704 0044 0532 0130 00', holderName: ' Ada Lovelace ' })).toEqual({
      ok: true, account: { iban: 'DE89370400440532013000', holderName: 'Ada Lovelace', last4: '3000' },
    });
  });

  it('takes a number with spaces up to sixty-four signs', () => {
    expect(checkBankAccount({ iban: `DE89${' '.repeat(42)}370400440532013000`, holderName: 'Ada' }).ok).toBe(true);
  });

  it.each([
    [{ iban: 'DE1' }, ['iban IBAN']], [{ iban: `DE89${' '.repeat(43)}370400440532013000` }, ['iban IBAN']], [{ iban: 'D'.repeat(500) }, ['iban IBAN']], [{ holderName: ' ' }, ['holderName EMPTY']],
    [{ holderName: 'a'.repeat(101) }, ['holderName TOO_LONG']], [{ holderName: 'a\u0007' }, ['holderName undefined']],
    [{ iban: '', holderName: '' }, ['iban IBAN', 'holderName EMPTY']],
  ])('%j is refused: %j', (change, expected) => {
    const checked = checkBankAccount({ iban: 'DE89370400440532013000', holderName: 'a'.repeat(100), ...change });
    const told = checked.ok ? [] : checked.refusals.map(({ code, field, reason }) => `${code} ${field?.join('.')} ${reason}`);
    expect(told).toEqual(expected.map((text) => `INVALID_INPUT input.${text}`));
  });
});

describe('checkDeposits', () => {
  const of = (minor: bigint, currency = 'EUR'): Money => ({ minor, currency: currencyCode(currency) });
  it('takes two amounts of one currency', () => {
    expect(checkDeposits([of(12n), of(7n)])).toEqual({ ok: true, deposits: [of(12n), of(7n)] });
  });
  it.each([
    ['none', [], 'TWO_AMOUNTS'], ['one', [of(1n)], 'TWO_AMOUNTS'], ['three', [of(1n), of(2n), of(3n)], 'TWO_AMOUNTS'],
    ['two currencies', [of(1n), of(1n, 'USD')], undefined],
    ['nothing first', [of(0n), of(1n)], 'NOT_POSITIVE'], ['nothing second', [of(1n), of(0n)], 'NOT_POSITIVE'], ['less than nothing second', [of(1n), of(-1n)], 'NOT_POSITIVE'],
  ])('refuses %s', (_what, amounts, reason) => {
    expect(checkDeposits(amounts)).toEqual({ ok: false, refusals: [{ code: 'INVALID_INPUT', ...(reason ? { reason } : {}), field: ['input', 'amounts'] }] });
  });
});

describe('usable', () => {
  it.each([
    [undefined, undefined, 'NOT_FOUND'], [{ kind: 'CARD', status: 'ACTIVE' }, undefined, 'OK'],
    [{ kind: 'CARD', status: 'ACTIVE' }, 'BANK_ACCOUNT', 'NOT_A_BANK_ACCOUNT'], [{ kind: 'BANK_ACCOUNT', status: 'ACTIVE' }, 'BANK_ACCOUNT', 'OK'],
    [{ kind: 'BANK_ACCOUNT', status: 'PENDING_VERIFICATION' }, 'BANK_ACCOUNT', 'NOT_VERIFIED'],
    [{ kind: 'BANK_ACCOUNT', status: 'REJECTED' }, undefined, 'NOT_VERIFIED'],
  ] as const)('%j for %s: %s', (method, kind, expected) => {
    const refused = {
      NOT_FOUND: { code: 'NOT_FOUND' }, NOT_A_BANK_ACCOUNT: { code: 'INVALID_INPUT', reason: expected }, NOT_VERIFIED: { code: 'NOT_ALLOWED', reason: expected },
    };
    expect(usable(method, kind)).toEqual(
      expected === 'OK' ? { ok: true } : { ok: false, refusals: [{ ...refused[expected], field: ['input', 'paymentMethodId'] }] },
    );
  });
});

it.each<[number, number, string]>([
  [0, 0, 'OK'], [ACCOUNTS_A_DAY - 1, ACCOUNTS_WAITING_MAX - 1, 'OK'],
  [ACCOUNTS_A_DAY, 0, 'LIMIT_EXCEEDED BANK_ACCOUNTS_A_DAY iban'], [0, ACCOUNTS_WAITING_MAX, 'LIMIT_EXCEEDED BANK_ACCOUNTS_WAITING iban'],
  [ACCOUNTS_A_DAY, ACCOUNTS_WAITING_MAX, 'LIMIT_EXCEEDED BANK_ACCOUNTS_A_DAY iban'],
])('after %i of a day, with %i that wait, one more: %s', (ofDay, waiting, expected) => {
  const may = mayAdd({ ofDay, waiting });
  expect(may.ok ? 'OK' : may.refusals.map(({ code, reason, field }) => `${code} ${reason} ${field?.[1]}`).join()).toBe(expected);
});
