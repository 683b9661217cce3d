import fc from 'fast-check';
import {
  canonicalLocale,
  canonicalTimeZone,
  checkSignUp,
  isEmail,
  normaliseEmail,
  type SignUpCommand,
} from './person.domain';

const good: SignUpCommand = {
  email: 'ada@example.com',
  password: 'correct horse',
  displayName: 'Ada',
  currency: 'USD',
};

describe('what a sign-up may say', () => {
  test.each<[string, Partial<SignUpCommand>]>([
    ['the least', {}],
    ['capitals and blanks around the address', { email: '  Ada@Example.COM ' }],
    ['a password of eight characters', { password: 'abcdefgh' }],
    ['a password of 128 characters, beyond the BMP', { password: '😀'.repeat(128) }],
    ['blanks and any script in a password', { password: '密码 密码 密码' }],
    ['a name of 80 characters', { displayName: '名'.repeat(80) }],
    ['a name beyond the BMP', { displayName: 'Ada 😀' }],
    ['a language and region', { locale: 'zh-Hans-CN' }],
    ['null for what has a default', { locale: null, timeZone: null, referralCode: null, acquisition: null }],
    ['where the person came from', { acquisition: { channel: 'friend', campaign: 'spring 2026' } }],
  ])('%s', (_name, change) => {
    expect(checkSignUp({ ...good, ...change })).toMatchObject({ ok: true });
  });

  test.each<[Partial<SignUpCommand>, string, string | undefined]>([
    [{ email: '' }, 'email', 'EMAIL'],
    [{ email: 'ada' }, 'email', 'EMAIL'],
    [{ email: 'ada@localhost' }, 'email', 'EMAIL'],
    [{ email: 'a b@example.com' }, 'email', 'EMAIL'],
    [{ email: 'ada@@example.com' }, 'email', 'EMAIL'],
    [{ email: 'ada@example..com' }, 'email', 'EMAIL'],
    [{ email: 'ada@example.com\r\nBcc: eve@example.com' }, 'email', 'EMAIL'],
    [{ email: `${'a'.repeat(65)}@example.com` }, 'email', 'EMAIL'],
    [{ email: `a@${'b'.repeat(250)}.com` }, 'email', 'EMAIL'],
    [{ password: '1234567' }, 'password', 'TOO_SHORT'],
    [{ password: '😀'.repeat(7) }, 'password', 'TOO_SHORT'],
    [{ password: 'a'.repeat(129) }, 'password', 'TOO_LONG'],
    [{ displayName: '   ' }, 'displayName', 'EMPTY'],
    [{ displayName: 'a'.repeat(81) }, 'displayName', 'TOO_LONG'],
    [{ displayName: 'Ada\nEve' }, 'displayName', undefined],
    [{ displayName: 'Ada\u202Eeve' }, 'displayName', undefined],
    [{ displayName: 'Ada\uD83D' }, 'displayName', undefined],
    [{ displayName: '\uDE00Ada' }, 'displayName', undefined],
    [{ currency: 'usd' }, 'currency', 'UNKNOWN_CURRENCY'],
    [{ currency: 'XAU' }, 'currency', 'UNKNOWN_CURRENCY'],
    [{ locale: 'english' + '-x'.repeat(20) }, 'locale', 'LOCALE'],
    [{ locale: 'e' }, 'locale', 'LOCALE'],
    [{ locale: '' }, 'locale', 'LOCALE'],
    [{ timeZone: 'Mars/Olympus' }, 'timeZone', 'TIME_ZONE'],
    [{ timeZone: '+02:00' }, 'timeZone', 'TIME_ZONE'],
  ])('%j is refused at %s: %s', (change, field, reason) => {
    expect(checkSignUp({ ...good, ...change })).toEqual({
      ok: false,
      refusals: [{ code: 'INVALID_INPUT', ...(reason ? { reason } : {}), field: ['input', field] }],
    });
  });

  it('names every field at fault at once', () => {
    const checked = checkSignUp({
      email: '',
      password: '',
      displayName: '',
      currency: '',
      locale: '',
      timeZone: '',
      acquisition: { channel: '<script>', campaign: '' },
    });
    expect(checked.ok ? [] : checked.refusals.map((refusal) => refusal.field?.join('.'))).toEqual([
      'input.email',
      'input.password',
      'input.displayName',
      'input.currency',
      'input.locale',
      'input.timeZone',
      'input.acquisition.channel',
      'input.acquisition.campaign',
    ]);
  });

  it('keeps names in one form, however a keyboard composes them', () => {
    expect(checkSignUp({ ...good, displayName: ' Zoe\u0308 ' })).toMatchObject({ signUp: { displayName: 'Zo\u00eb' } });
    expect(checkSignUp({ ...good, locale: 'ZH-cn', timeZone: 'asia/shanghai' })).toMatchObject({
      signUp: { locale: 'zh-CN', timeZone: 'Asia/Shanghai' },
    });
  });

  it('looks an address up alike whatever its capitals and blanks, and is done after once', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        expect(normaliseEmail(`  ${email.toUpperCase()} `)).toBe(normaliseEmail(email.toLowerCase()));
        expect(normaliseEmail(normaliseEmail(email))).toBe(normaliseEmail(email));
      }),
    );
  });

  it('never throws, and takes in nothing with a line break', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        checkSignUp({
          ...good,
          email: text,
          password: text,
          displayName: text,
          currency: text,
          locale: text,
          timeZone: text,
        });
        if (/[\r\n]/.test(text)) expect(isEmail(text)).toBe(false);
        const locale = canonicalLocale(text);
        if (locale !== null) expect(canonicalLocale(locale)).toBe(locale);
        const zone = canonicalTimeZone(text);
        if (zone !== null) expect(() => new Intl.DateTimeFormat('en', { timeZone: zone })).not.toThrow();
      }),
    );
  });
});
