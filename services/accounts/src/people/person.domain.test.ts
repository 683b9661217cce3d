import fc from 'fast-check';
import {
  canonicalLocale,
  canonicalTimeZone,
  checkSignUp,
  isEmail,
  normaliseEmail,
  type SignUpCommand,
} from './person.domain';

/** Any character, and halves of one: fast-check's `binary` has no halves, and takes seconds to begin. */
const anySign = fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0xd800, max: 0xdfff })).map((code) => String.fromCodePoint(code));

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
    ['a channel of 64 characters, without a campaign', { acquisition: { channel: 'é'.repeat(64) } }],
    ['a channel that begins with a digit', { acquisition: { channel: '7-eleven', campaign: null } }],
    ['an address at a part of a domain', { email: 'ada@mail.example.co.uk' }],
    ['an address with 64 characters before the @', { email: `${'a'.repeat(64)}@example.com` }],
    ['an address of 254 characters', { email: `a@${'b'.repeat(248)}.com` }],
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
    [{ email: `a@${'b'.repeat(249)}.com` }, 'email', 'EMAIL'],
    [{ email: 'ada@example.com.' }, 'email', 'EMAIL'],
    [{ password: '1234567' }, 'password', 'TOO_SHORT'],
    [{ password: '😀'.repeat(7) }, 'password', 'TOO_SHORT'],
    [{ password: 'a'.repeat(129) }, 'password', 'TOO_LONG'],
    [{ password: 'Password' }, 'password', 'TOO_COMMON'],
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

  it.each(['', '-friend', ' friend', 'friend!', 'fri\nend', 'x'.repeat(65)])('%j is no channel, and no campaign', (label) => {
    const refused = (name: string) => ({ ok: false, refusals: [{ code: 'INVALID_INPUT', field: ['input', 'acquisition', name] }] });
    expect(checkSignUp({ ...good, acquisition: { channel: label } })).toEqual(refused('channel'));
    expect(checkSignUp({ ...good, acquisition: { channel: 'friend', campaign: label } })).toEqual(refused('campaign'));
  });

  it('is kept whole, and with what is usual where nothing is said', () => {
    expect(checkSignUp(good)).toEqual({
      ok: true,
      signUp: { ...good, locale: 'en', timeZone: 'UTC', referralCode: null, channel: null, campaign: null },
    });
    const said = { ...good, locale: 'de', timeZone: 'Europe/Berlin', referralCode: 'ABC' };
    expect(checkSignUp({ ...said, acquisition: { channel: 'friend', campaign: 'spring' } })).toEqual({
      ok: true,
      signUp: { ...said, channel: 'friend', campaign: 'spring' },
    });
  });

  it.each([
    ['en-x-aaaaaaaa-bbbbbbbb-cccccccc-ddd', 'en-x-aaaaaaaa-bbbbbbbb-cccccccc-ddd'],
    ['en-x-aaaaaaaa-bbbbbbbb-cccccccc-dddd', null],
    ['DE-ch', 'de-CH'],
    ['not a tag', null],
  ])('%j is the locale %j', (tag, locale) => {
    expect(canonicalLocale(tag)).toBe(locale);
  });

  it.each([
    ['europe/BERLIN', 'Europe/Berlin'],
    // Intl names it by its older alias; people know it by this one.
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['Mars/Olympus', null],
    ['+02:00', null],
  ])('%j is the time zone %j', (zone, timeZone) => {
    expect(canonicalTimeZone(zone)).toBe(timeZone);
  });

  it('looks an address up in small letters and one composition', () => {
    expect(normaliseEmail(' Zoe\u0308@Example.COM\n')).toBe('zo\u00eb@example.com');
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
      fc.property(fc.string({ unit: anySign, maxLength: 300 }), (text) => {
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
