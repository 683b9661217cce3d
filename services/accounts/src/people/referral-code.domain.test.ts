import fc from 'fast-check';
import { readReferralCode, REFERRAL_CODE_BYTES, referralCode } from './referral-code.domain';

const random = fc.uint8Array({ minLength: REFERRAL_CODE_BYTES, maxLength: REFERRAL_CODE_BYTES });

describe('referral codes', () => {
  it('are twelve characters of Crockford, which read back as themselves however they are typed', () => {
    fc.assert(
      fc.property(random, (bytes) => {
        const code = referralCode(bytes);
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{12}$/);
        expect(readReferralCode(code)).toBe(code);
        const typed = ` ${code.slice(0, 4)}-${code.slice(4)} `.toLowerCase().replace(/0/g, 'o').replace(/1/g, 'l');
        expect(readReferralCode(typed)).toBe(code);
      }),
    );
  });

  it('carry 60 bits: a change of any of them is another code', () => {
    fc.assert(
      fc.property(random, fc.integer({ min: 0, max: 59 }), (bytes, bit) => {
        const other = Uint8Array.from(bytes);
        other[7 - (bit >> 3)]! ^= 1 << (bit & 7);
        expect(referralCode(other)).not.toBe(referralCode(bytes));
      }),
    );
  });

  it('take eight random bytes, no less', () => {
    const refusal = new RangeError('a referral code takes 8 random bytes');
    for (const length of [0, 7, 9]) expect(() => referralCode(new Uint8Array(length))).toThrow(refusal);
  });

  it('are read among a few blanks, not among any number', () => {
    expect(readReferralCode(`0123456789AB${' '.repeat(52)}`)).toBe('0123456789AB');
    expect(readReferralCode(`0123456789AB${' '.repeat(53)}`)).toBeNull();
  });

  test.each(['', 'ABC', '0123456789ABC', 'UUUUUUUUUUUU', '0123456789A!', 'A'.repeat(1_000)])('%s is none', (text) => {
    expect(readReferralCode(text)).toBeNull();
  });
});
