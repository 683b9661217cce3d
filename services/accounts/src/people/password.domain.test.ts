import { normalisePassword, passwordRefusals } from './password.domain';

const reasonOf = (password: string) => passwordRefusals(normalisePassword(password))[0]?.reason;

describe('a new password', () => {
  test.each<[password: string, reason: string | undefined]>([
    ['', 'TOO_SHORT'],
    ['abcdefg', 'TOO_SHORT'],
    ['😀'.repeat(7), 'TOO_SHORT'],
    ['😀'.repeat(8), undefined],
    ['x'.repeat(128), undefined],
    ['x'.repeat(129), 'TOO_LONG'],
    // Among the three thousand that are used most (ASVS V6.2.4), however they are written.
    ['password', 'TOO_COMMON'],
    ['PassWord', 'TOO_COMMON'],
    ['ｐａｓｓｗｏｒｄ', 'TOO_COMMON'],
    ['12345678', 'TOO_COMMON'],
    ['1q2w3e4r', 'TOO_COMMON'],
    ['p@ssw0rd', 'TOO_COMMON'],
    ['iloveyou!', 'TOO_COMMON'],
    // Words of the house (V6.2.11), with what people put around a word.
    ['tael2026', 'TOO_COMMON'],
    ['!Tael.Wallet!', 'TOO_COMMON'],
    ['MyWallet1', 'TOO_COMMON'],
    ['TaelPay#7', 'TOO_COMMON'],
    ['wallet-42', 'TOO_COMMON'],
    ['cashback-42', 'TOO_COMMON'],
    ['payment-42', 'TOO_COMMON'],
    ['merchant-42', 'TOO_COMMON'],
    ['operator-42', 'TOO_COMMON'],
    // Such a word within others is no first guess, and neither is anything long of one's own: nobody is told what to make it of.
    ['tael-123456', undefined],
    ['tael-8361-9274-6183', undefined],
    ['tael123456', 'TOO_COMMON'],
    ['the tael in my drawer', undefined],
    ['correct horse battery', undefined],
    ['zzzzzzzz-mine', undefined],
    ['密码 密码 密码', undefined],
  ])('%j: %s', (password, reason) => {
    expect(reasonOf(password)).toBe(reason);
  });

  it('is refused at the field that it came in', () => {
    expect(passwordRefusals('sunshine', 'newPassword')).toEqual([{ code: 'INVALID_INPUT', reason: 'TOO_COMMON', field: ['input', 'newPassword'] }]);
  });
});
