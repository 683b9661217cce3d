import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { compactId, expandedId } from './compact-id';
import { writeObjects } from './data-objects';
import { readMerchantPresented, writeMerchantPresented } from './merchant-presented';
import { asciiOf, languageOf } from './script';
import { readTaelCode, type TaelShop, writeTaelCode } from './tael-code';

const USD = currencyCode('USD');
const shop: TaelShop = {
  merchantId: '0196a000-0000-7000-8000-000000000001', storeId: '0196a000-0000-7000-8000-000000000002', categoryCode: '5814',
  currency: USD, country: 'US', name: 'Corner Coffee', city: 'San Francisco', postalCode: '94105',
};
const codeId = 'ffffffff-ffff-7fff-bfff-ffffffffffff';

describe('a code of Tael', () => {
  it('is static without an amount, and says whose it is', () => {
    expect(readTaelCode(writeTaelCode(shop))).toEqual({
      ok: true, value: { merchantId: shop.merchantId, storeId: shop.storeId, codeId: undefined, currency: USD, amount: undefined },
    });
  });
  it('is dynamic with its own id and amount', () => {
    const payload = writeTaelCode(shop, { codeId, minor: 1250n, reference: 'TABLE 7' });
    expect(readTaelCode(payload)).toMatchObject({ ok: true, value: { codeId, amount: { minor: 1250n, currency: USD } } });
    expect(readMerchantPresented(payload)).toMatchObject({
      ok: true, value: { initiation: 'DYNAMIC', amount: '12.50', additional: new Map([['05', 'TABLE 7']]) },
    });
  });
  it.each([['JPY', 500n, '500'], ['KWD', 1_234n, '1.234']])('writes an amount of %s with its digits', (code, minor, text) => {
    const currency = currencyCode(code);
    const payload = writeTaelCode({ ...shop, currency }, { codeId, minor });
    expect(readMerchantPresented(payload)).toMatchObject({ ok: true, value: { amount: text } });
    expect(readTaelCode(payload)).toMatchObject({ ok: true, value: { amount: { minor, currency } } });
  });
  it.each<[string, string, string, object]>([
    ['Latin letters', 'Café Zoë', 'Zürich', { name: 'Cafe Zoe', city: 'Zurich', localised: undefined }],
    ['Chinese', '街角咖啡', '北京', { name: 'TAEL MERCHANT', city: 'US', localised: { language: 'zh', name: '街角咖啡', city: '北京' } }],
    ['both', '街角 Corner', 'Beijing 北京', { name: 'Corner', city: 'Beijing', localised: { language: 'zh', name: '街角 Corner', city: 'Beijing 北京' } }],
    ['Latin letters in a city of Chinese', 'Corner', '北京', { name: 'Corner', city: 'US', localised: undefined }],
    ['Chinese, and no city', '街角', ' ', { city: 'US', localised: { language: 'zh', name: '街角', city: undefined } }],
    ['Chinese with blanks around', ' 街角 ', ' 北京 ', { localised: { language: 'zh', name: '街角', city: '北京' } }],
    ['a name too long', 'x'.repeat(120), 'y'.repeat(80), { name: 'x'.repeat(25), city: 'y'.repeat(15) }],
    ['a long name of letters that are put together', 'क्षि'.repeat(10), 'मुंबई', { localised: { language: 'hi', name: 'क्षि'.repeat(6), city: 'मुंबई' } }],
    ['one letter that never ends', `क${'्क'.repeat(40)}`, 'मुंबई', { localised: { language: 'hi', name: `क${'्क'.repeat(12)}`, city: 'मुंबई' } }],
    ['a long name in Chinese', '街'.repeat(120), '北'.repeat(80), { localised: { language: 'zh', name: '街'.repeat(25), city: '北'.repeat(15) } }],
  ])('with a name in %s', (_what, name, city, expected) => {
    expect(readMerchantPresented(writeTaelCode({ ...shop, name, city }))).toMatchObject({ ok: true, value: expected });
  });
  it.each([[undefined, undefined], ['94105', '94105'], ['〒150', '150'], ['街', undefined], ['1234567890123', '1234567890']])('with the postal code %j has %j', (postalCode, expected) => {
    expect(readMerchantPresented(writeTaelCode({ ...shop, postalCode }))).toMatchObject({ ok: true, value: { postalCode: expected, categoryCode: '5814', country: 'US' } });
  });
  it('can be written for any name and city, and read again', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }), fc.string({ unit: 'grapheme', maxLength: 80 }), (name, city) => {
      expect(readTaelCode(writeTaelCode({ ...shop, name, city }, { codeId, minor: 1n })).ok).toBe(true);
    }));
  });
});

describe('readTaelCode', () => {
  const of = (change: object, dynamic = true): string => {
    const read = readMerchantPresented(writeTaelCode(shop, dynamic ? { codeId, minor: 100n } : undefined));
    if (!read.ok) throw new Error(read.fault);
    return writeMerchantPresented({ ...read.value, ...change });
  };
  const template = (change: Readonly<Record<string, string | undefined>>): string => {
    const objects: Readonly<Record<string, string | undefined>> = {
      '00': 'app.tael', '01': compactId(shop.merchantId), '02': compactId(shop.storeId), '03': compactId(codeId), ...change,
    };
    return writeObjects(Object.entries(objects).sort().filter((object): object is [string, string] => object[1] !== undefined));
  };
  it.each<[string, string, string]>([
    ['another scheme', of({ accounts: new Map([['26', '0014br.gov.bcb.pix']]) }), 'NOT_OURS'],
    ['ours under another id', of({ accounts: new Map([['27', '0008app.tael']]) }), 'NOT_OURS'],
    ['a tip', of({ tip: { kind: 'PROMPT' } }), 'UNSUPPORTED'],
    ['a fixed fee', of({ tip: { kind: 'FIXED', amount: '1' } }), 'UNSUPPORTED'],
    ['a dynamic code said to be static', of({ initiation: 'STATIC' }), 'FORM'],
    ['a static code said to be dynamic', of({ initiation: 'DYNAMIC' }, false), 'FORM'],
    ['a dynamic code without an amount', of({ amount: undefined }), 'FORM'],
    ['an amount with more digits than the currency', of({ amount: '1.005' }), 'FORM'],
    ['a currency that is none', of({ currency: '999' }), 'FORM'],
    ['no merchant', of({ accounts: new Map([['26', template({ '01': undefined })]]) }), 'FORM'],
    ['a merchant that is no id', of({ accounts: new Map([['26', template({ '01': 'x' })]]) }), 'FORM'],
    ['no store', of({ accounts: new Map([['26', template({ '02': undefined })]]) }), 'FORM'],
    ['a dynamic code without its id', of({ accounts: new Map([['26', template({ '03': undefined })]]) }), 'FORM'],
    ['a dynamic code whose id is none', of({ accounts: new Map([['26', template({ '03': 'x' })]]) }), 'FORM'],
    ['a static code with an id that is none', of({ accounts: new Map([['26', template({ '03': 'x' })]]) }, false), 'FORM'],
    ['no scheme of ours', of({ accounts: new Map([['26', template({ '00': 'app.tael2' })]]) }), 'NOT_OURS'],
    ['a code that does not say what it is', of({ initiation: undefined }, false), 'OK'],
    ['no code at all', 'https://example.com/pay', 'MALFORMED'],
  ])('with %s: %s', (_what, payload, expected) => {
    const read = readTaelCode(payload);
    expect(read.ok ? 'OK' : read.fault).toBe(expected);
  });
  it.each([['5.', 500n], ['005.50', 550n], ['0.5', 50n]])('reads an amount of %s', (amount, minor) => {
    expect(readTaelCode(of({ amount }, false))).toMatchObject({ ok: true, value: { amount: { minor } } });
  });
});

describe('ids in 22 characters', () => {
  it('come back as they were', () => {
    fc.assert(fc.property(fc.uuid(), (id) => {
      expect(compactId(id)).toHaveLength(22);
      expect(expandedId(compactId(id))).toBe(id);
      expect(compactId(id.toUpperCase())).toBe(compactId(id));
    }));
  });
  it.each(['', 'x', 'A'.repeat(21), 'A'.repeat(23), `${'A'.repeat(21)}B`, `${'A'.repeat(21)}=`, undefined])('%j is none', (text) => {
    expect(expandedId(text)).toBeUndefined();
  });
  it.each(['x', '', `${codeId}0`, `0${codeId}`, codeId.replaceAll('-', ''), codeId.replace('f', 'g'), codeId.replace('-7', '7-')])('refuses %j, which is no UUID', (text) => {
    expect(() => compactId(text)).toThrow(new RangeError(`not a UUID: ${JSON.stringify(text)}`));
  });
});

it.each([
  ['Corner', undefined], ['Café', undefined], ['街角', 'zh'], ['カフェ角', 'ja'], ['카페', 'ko'], ['Кофе', 'ru'], ['Καφές', 'el'], ['مقهى', 'ar'], ['קפה', 'he'],
  ['กาแฟ', 'th'], ['कॉफ़ी', 'hi'],
  ['কফি', 'bn'], ['ਕੌਫੀ', 'pa'], ['કોફી', 'gu'], ['କଫି', 'or'], ['காபி', 'ta'], ['కాఫీ', 'te'], ['ಕಾಫಿ', 'kn'], ['കാപ്പി', 'ml'],
  ['කෝපි', 'si'], ['ກາເຟ', 'lo'], ['ကော်ဖီ', 'my'], ['កាហ្វេ', 'km'], ['ቡና', 'am'], ['ყავა', 'ka'], ['սուրճ', 'hy'], ['བོད', undefined],
])('languageOf(%s) is %s', (name, language) => {
  expect(languageOf(name)).toBe(language);
});

it.each([
  ['Straße', 'Strasse'], ['Łódź', 'Lodz'], ['  a   b ', 'a b'], ['街', undefined], ['...', undefined], ['Joe’s', "Joe's"], ['ＡＢＣ', 'ABC'],
  ['abcdefghij klm', 'abcdefghij k'], ['abcdefghijk lm', 'abcdefghijk'], ['æÆøØđĐłŁ', 'aeAEoOdDlL'], ['ß – ß', 'ss - ss'], ['a~ ', 'a~'], ['\x1fa\x7f', 'a'],
  ['A', 'A'], ['Z', 'Z'], ['z', 'z'], ['0', '0'], ['9', '9'], ['@[`{/:', undefined], ['–', undefined],
])('asciiOf(%j) is %j', (text, expected) => {
  expect(asciiOf(text, 12)).toBe(expected);
});
