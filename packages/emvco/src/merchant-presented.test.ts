import fc from 'fast-check';
import { crc16 } from './crc';
import { readObjects, writeObjects } from './data-objects';
import { type MerchantPresented, readMerchantPresented, writeMerchantPresented } from './merchant-presented';

/** Any character, and halves of one: fast-check's `binary` has no halves, and takes seconds to begin. */
const anySign = fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0xd800, max: 0xdfff })).map((code) => String.fromCodePoint(code));

/** The example of EMVCo's specification 1.1, and codes that other schemes have published or printed. */
const EMVCO =
  '00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT' +
  '6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A0112' +
  '233449988770708123456786304A13A';
const PIX =
  '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA' +
  '62070503***63041D3D';
const KHQR =
  '00020101021229180014jonhsmith@nbcq520459995303116540750000.05802KH5910Jonh Smith6010Phnom Penh6215021185512345678' +
  '9917001316257134678276304A96B';
const QRIS =
  '00020101021226570011ID.DANA.WWW011893600915015706056102091570605610303UME51440014ID.CO.QRIS.WWW0215ID20210807329890303UME' +
  '5204893153033605405100005802ID5906XENDIT6015Kota Jakarta Se61051219062720115SzW8BPHhw35i1vT60490011ID.DANA.WWW0425' +
  'MER2021071400774509608641050116304B00A';
const PROMPT_PAY = '00020101021129370016A0000006770101110113006681234567853037645802TH6304823E';

const valueOf = (payload: string): MerchantPresented => {
  const read = readMerchantPresented(payload);
  if (!read.ok) throw new Error(read.fault);
  return read.value;
};
const faultOf = (payload: string): string => {
  const read = readMerchantPresented(payload);
  return read.ok ? 'OK' : read.fault;
};

/** A code of the given objects with the checksum that belongs to them. */
const signed = (...objects: readonly (readonly [string, string])[]): string => {
  const body = `${objects.map(([id, value]) => id + String([...value].length).padStart(2, '0') + value).join('')}6304`;
  return body + crc16(body);
};
const PLAIN: readonly (readonly [string, string])[] = [
  ['00', '01'], ['26', '0008app.tael'], ['52', '5814'], ['53', '840'], ['58', 'US'], ['59', 'SHOP'], ['60', 'TOWN'],
];
const changed = (id: string, value: string | undefined): string =>
  signed(...PLAIN.filter(([known]) => known !== id), ...(value === undefined ? [] : [[id, value] as const]));

describe('crc16', () => {
  it.each([['123456789', '29B1'], ['', 'FFFF'], ['A', 'B915']])('of %j is %s', (text, expected) => {
    expect(crc16(text)).toBe(expected);
  });
});

describe('codes that others published', () => {
  it('reads the example of the specification, object by object', () => {
    const { accounts, additional, ...rest } = valueOf(EMVCO);
    expect(rest).toEqual({
      initiation: 'DYNAMIC', categoryCode: '4111', currency: '156', amount: '23.72', tip: { kind: 'PROMPT' }, country: 'CN',
      name: 'BEST TRANSPORT', city: 'BEIJING', postalCode: undefined,
      localised: { language: 'ZH', name: '最佳运输', city: '北京' },
    });
    expect([...accounts.keys()]).toEqual(['29', '31']);
    expect(readObjects(accounts.get('29')!)).toEqual({ ok: true, value: new Map([['00', 'D15600000000'], ['05', 'A93FO3230Q']]) });
    expect(readObjects(accounts.get('31')!)).toEqual({ ok: true, value: new Map([['00', 'D15600000001'], ['03', '12345678']]) });
    expect([...additional]).toEqual([['03', '1234'], ['06', '***'], ['07', 'A6008667'], ['09', 'ME']]);
  });
  it.each([
    ['Brazil', PIX, { name: 'Fulano de Tal', city: 'BRASILIA', country: 'BR', currency: '986', amount: undefined, initiation: undefined }],
    ['Cambodia', KHQR, { name: 'Jonh Smith', city: 'Phnom Penh', country: 'KH', currency: '116', amount: '50000.0', initiation: 'DYNAMIC' }],
    ['Indonesia', QRIS, { name: 'XENDIT', city: 'Kota Jakarta Se', postalCode: '12190', amount: '10000', initiation: 'DYNAMIC' }],
  ])('reads one of %s', (_where, payload, expected) => {
    expect(valueOf(payload)).toMatchObject(expected);
  });
  it('refuses one that leaves out what the specification demands, though its checksum holds', () => {
    expect(faultOf(PROMPT_PAY)).toBe('MISSING');
  });
});

/** Of the manual of Brazil's central bank: a code that leads to an address. */
const PIX_DYNAMIC =
  '00020101021226700014br.gov.bcb.pix2548pix.example.com/8b3da2f39a4140d1a91abd93113bd4415204000053039865802BR5913Fulano de Tal' +
  '6008BRASILIA62070503***630464E4';

describe('codes that others published are written to the byte', () => {
  const PLAIN_CODE = { initiation: 'DYNAMIC', amount: undefined, tip: undefined, postalCode: undefined, additional: new Map(), localised: undefined } as const;
  const BRAZIL = { ...PLAIN_CODE, categoryCode: '0000', currency: '986', country: 'BR', name: 'Fulano de Tal', city: 'BRASILIA', additional: new Map([['05', '***']]) } as const;
  it.each<[string, string, MerchantPresented]>([
    ['Brazil, static', PIX, {
      ...BRAZIL, initiation: undefined, accounts: new Map([['26', '0014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000']]),
    }],
    ['Brazil, dynamic', PIX_DYNAMIC, { ...BRAZIL, accounts: new Map([['26', '0014br.gov.bcb.pix2548pix.example.com/8b3da2f39a4140d1a91abd93113bd441']]) }],
    ['Indonesia', QRIS, {
      ...PLAIN_CODE, categoryCode: '8931', currency: '360', amount: '10000', country: 'ID', name: 'XENDIT', city: 'Kota Jakarta Se', postalCode: '12190',
      accounts: new Map([['26', '0011ID.DANA.WWW011893600915015706056102091570605610303UME'], ['51', '0014ID.CO.QRIS.WWW0215ID20210807329890303UME']]),
      additional: new Map([['01', 'SzW8BPHhw35i1vT'], ['60', '0011ID.DANA.WWW0425MER202107140077450960864105011']]),
    }],
  ])('%s', (_where, published, code) => {
    expect(writeMerchantPresented(code)).toBe(published);
  });

  // The specification lets objects stand in any order between the first and the last, and its example has them in none; 91 is another scheme's, and no field
  // of ours. So each object is compared with the example as it stands there, and the checksum with one that another program counted (Python's binascii.crc_hqx).
  it.each<[string, string, readonly string[], string, MerchantPresented]>([
    ['the example of the specification', EMVCO, [
      '000201', '010212', '29300012D156000000000510A93FO3230Q', '31280012D15600000001030812345678', '52044111', '5303156', '540523.72', '550201', '5802CN',
      '5914BEST TRANSPORT', '6007BEIJING', '6233030412340603***0708A60086670902ME', '64200002ZH0104最佳运输0202北京',
    ], '6304CDE7', {
      initiation: 'DYNAMIC', categoryCode: '4111', currency: '156', amount: '23.72', tip: { kind: 'PROMPT' }, country: 'CN', name: 'BEST TRANSPORT', city: 'BEIJING',
      postalCode: undefined, accounts: new Map([['29', '0012D156000000000510A93FO3230Q'], ['31', '0012D15600000001030812345678']]),
      additional: new Map([['03', '1234'], ['06', '***'], ['07', 'A6008667'], ['09', 'ME']]), localised: { language: 'ZH', name: '最佳运输', city: '北京' },
    }],
    ['Cambodia, without the time that its scheme adds', KHQR, [
      '000201', '010212', '29180014jonhsmith@nbcq', '52045999', '5303116', '540750000.0', '5802KH', '5910Jonh Smith', '6010Phnom Penh', '6215021185512345678',
    ], '6304C136', {
      ...PLAIN_CODE, categoryCode: '5999', currency: '116', amount: '50000.0', country: 'KH', name: 'Jonh Smith', city: 'Phnom Penh',
      accounts: new Map([['29', '0014jonhsmith@nbcq']]), additional: new Map([['02', '85512345678']]),
    }],
  ])('object by object: %s', (_where, published, objects, checksum, code) => {
    for (const object of objects) expect(published).toContain(object);
    expect(writeMerchantPresented(code)).toBe([...objects, checksum].join(''));
  });
});

describe('readMerchantPresented', () => {
  it.each<[string, string, string]>([
    ['a plain code', signed(...PLAIN), 'OK'],
    ['an amount', changed('54', '98.73'), 'OK'],
    ['an amount that ends with its point', changed('54', '98.'), 'OK'],
    ['an amount of zero', changed('54', '0.00'), 'FORM'],
    ['an amount below zero', changed('54', '-1'), 'FORM'],
    ['an amount with a comma', changed('54', '1,5'), 'FORM'],
    ['an amount of 13 characters', changed('54', '1234567890.12'), 'OK'],
    ['an amount of 14', changed('54', '12345678901.12'), 'FORM'],
    ['a name of 25', changed('59', 'x'.repeat(25)), 'OK'],
    ['a name of 26', changed('59', 'x'.repeat(26)), 'FORM'],
    ['a name in another script', changed('59', '店'), 'FORM'],
    ['a city of 16', changed('60', 'x'.repeat(16)), 'FORM'],
    ['a country in small letters', changed('58', 'us'), 'FORM'],
    ['a category of three digits', changed('52', '581'), 'FORM'],
    ['a currency by letters', changed('53', 'USD'), 'FORM'],
    ['another way of initiation', changed('01', '13'), 'FORM'],
    ['no name', changed('59', undefined), 'MISSING'],
    ['no account', changed('26', undefined), 'MISSING'],
    ['a template without a scheme', changed('26', '0103abc'), 'MISSING'],
    ['a template that is none', changed('26', 'abc'), 'MALFORMED'],
    ['a template with an id twice', changed('26', '0001a0001b'), 'DUPLICATE'],
    ['a fixed fee without an amount', changed('55', '02'), 'FORM'],
    ['a fee of an amount without its indicator', changed('56', '1'), 'FORM'],
    ['an object twice', signed(...PLAIN, ['59', 'OTHER']), 'DUPLICATE'],
    ['another format', signed(['00', '02'], ...PLAIN.slice(1)), 'MALFORMED'],
    ['the format not first', signed(...PLAIN.slice(1), ['00', '01']), 'MALFORMED'],
    ['something behind the checksum', `${signed(...PLAIN)}6101x`, 'MALFORMED'],
    ['one more character', `${signed(...PLAIN)}x`, 'MALFORMED'],
    ['one less', signed(...PLAIN).slice(0, -1), 'MALFORMED'],
    ['an empty object', '000201590063041234', 'MALFORMED'],
    ['a wrong checksum', `${signed(...PLAIN).slice(0, -4)}0000`, 'CHECKSUM'],
    ['a checksum in small letters', signed(...PLAIN).toLowerCase().replace('shop', 'SHOP').replace('town', 'TOWN').replace('us', 'US'), 'CHECKSUM'],
    ['nothing', '', 'MALFORMED'],
    ['more than 512', signed(...PLAIN, ...['80', '81', '82', '83', '84'].map((id) => [id, 'x'.repeat(99)] as const)), 'MALFORMED'],
  ])('with %s: %s', (_what, payload, expected) => {
    expect(faultOf(payload)).toBe(expected);
  });
  // What each object may hold, and what it may not: one character more on either side, and the neighbours of its bounds.
  it.each<[string, readonly string[], readonly string[]]>([
    ['01', ['11', '12'], ['10', '1', '111']],
    ['52', ['0000'], ['58145', 'x5814', '5814x', '58a4']],
    ['53', ['008'], ['8400', 'x840', '840x']],
    ['54', ['1', '0.01', '00001', '1234567890.12'], ['0', '.', '.5', 'x1', '1x', '1.2.3', '0.000', '1'.repeat(14)]],
    ['58', ['DE'], ['D', 'DEU', '1DE', 'DE1', 'd1']],
    ['59', [' ', '~', 'x'.repeat(25)], ['\x1f', '\x7f', '店x', 'x店']],
    ['60', [' ', '~', 'x'.repeat(15)], ['\x1f', '\x7f', '店x', 'x店']],
    ['61', ['9', 'x'.repeat(10)], ['x'.repeat(11), '店x', 'x店']],
  ])('takes as %s %j, and not %j', (id, good, bad) => {
    expect(good.map((value) => faultOf(changed(id, value)))).toEqual(good.map(() => 'OK'));
    expect(bad.map((value) => faultOf(changed(id, value)))).toEqual(bad.map(() => 'FORM'));
  });

  // kind, fixed amount, percentage
  const tipped = (...values: readonly (string | undefined)[]): string => signed(
    ...PLAIN, ...['55', '56', '57'].flatMap((id, index) => (values[index] === undefined ? [] : [[id, values[index]] as const])),
  );
  it.each<[(string | undefined)[], object | undefined]>([
    [[], undefined], [['01'], { kind: 'PROMPT' }],
    [['02', '1.50'], { kind: 'FIXED', amount: '1.50' }], [['02', '1.'], { kind: 'FIXED', amount: '1.' }],
    [['03', undefined, '5'], { kind: 'PERCENTAGE', percentage: '5' }], [['03', undefined, '0.01'], { kind: 'PERCENTAGE', percentage: '0.01' }],
    [['03', undefined, '99.99'], { kind: 'PERCENTAGE', percentage: '99.99' }], [['03', undefined, '5.'], { kind: 'PERCENTAGE', percentage: '5.' }],
    [['03', undefined, '100'], { kind: 'PERCENTAGE', percentage: '100' }], [['03', undefined, '100.0'], { kind: 'PERCENTAGE', percentage: '100.0' }],
  ])('reads the tip %j as %j', (values, tip) => expect(valueOf(tipped(...values)).tip).toEqual(tip));
  it.each<[(string | undefined)[]]>([
    [['00']], [['04']], [['1']], [['011']], [['x01']],
    [['01', '1']], [['01', undefined, '1']], [['01', '1', '1']], [['02']], [['02', undefined, '1']], [['02', '1', '1']], [['03']], [['03', '1']], [['03', '1', '1']],
    [[undefined, '1']], [[undefined, undefined, '1']], [[undefined, '1', '1']],
    [['02', '0']], [['02', '.5']], [['02', 'x1']], [['02', '1x']], [['02', '1'.repeat(14)]],
    [['03', undefined, '0']], [['03', undefined, '0.00']], [['03', undefined, '101']], [['03', undefined, '100.1']], [['03', undefined, '99.999']],
    [['03', undefined, '005']], [['03', undefined, 'x5']], [['03', undefined, '5x']], [['03', undefined, '.5']], [['03', undefined, '100x']],
  ])('refuses the tip %j', (values) => expect(faultOf(tipped(...values))).toBe('FORM'));

  it.each<[string, readonly string[]]>([['02', ['02']], ['25', ['25']], ['26', []], ['51', []], ['52', []], ['80', []]])(
    'takes what stands under %s for a merchant account of another kind only where it is one', (id, expected) => {
      const payload = signed(...PLAIN.filter(([known]) => known !== '26' && known !== id), [id, id === '52' ? '5814' : 'no objects']);
      const read = readMerchantPresented(payload);
      expect(read.ok ? [...read.value.accounts.keys()] : []).toEqual(expected);
    },
  );
  it('reads a template under each of its ids', () => {
    const ids = Array.from({ length: 26 }, (_, index) => String(26 + index));
    for (const id of ids) expect(faultOf(signed(...PLAIN.filter(([known]) => known !== '26'), [id, '0103abc']))).toBe('MISSING');
  });

  it.each<[string, string, string]>([
    ['additional data that is no list of objects', changed('62', 'abc'), 'MALFORMED'],
    ['additional data with an id twice', changed('62', '0501a0501b'), 'DUPLICATE'],
    ['names that are no list of objects', changed('64', 'abc'), 'MALFORMED'],
    ['a name without its language', changed('64', '0101x'), 'MISSING'],
    ['a language without a name', changed('64', '0002ZH'), 'MISSING'],
    ['a language of one letter', changed('64', '0001Z0101x'), 'FORM'],
    ['a language of three', changed('64', '0003ZHO0101x'), 'FORM'],
    ['a language in digits', changed('64', '000212' + '0101x'), 'FORM'],
    ['a name of 25 in its own script', changed('64', `0002ZH0125${'店'.repeat(25)}`), 'OK'],
    ['a name of 26', changed('64', `0002ZH0126${'店'.repeat(26)}`), 'FORM'],
    ['a city of 15', changed('64', `0002ZH0101x0215${'京'.repeat(15)}`), 'OK'],
    ['a city of 16', changed('64', `0002ZH0101x0216${'京'.repeat(16)}`), 'FORM'],
    ['a checksum of another length', `${signed(...PLAIN).slice(0, -8)}6303ABC`, 'MALFORMED'],
    ['a checksum under another id', `${signed(...PLAIN).slice(0, -8)}6404ABCD`, 'MALFORMED'],
  ])('with %s: %s', (_what, payload, expected) => {
    expect(faultOf(payload)).toBe(expected);
  });
  it('has 512 characters at most', () => {
    const filled = (length: number): string => signed(...PLAIN, ...['80', '81', '82', '83'].map((id) => [id, 'x'.repeat(99)] as const), ['84', 'x'.repeat(length)]);
    const room = 512 - filled(1).length + 1;
    expect([filled(room).length, faultOf(filled(room)), faultOf(filled(room + 1))]).toEqual([512, 'OK', 'MALFORMED']);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: anySign }), fc.string({ unit: fc.constantFrom(...'0123456789') })), (text) => {
      expect(['MALFORMED', 'DUPLICATE', 'CHECKSUM', 'MISSING', 'FORM']).toContain(faultOf(text));
    }));
  });
});

const ans = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'ABCXYZabcxyz 0189.-*'), minLength: 1, maxLength });
const digits = (length: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length });
const native = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'最佳运输北京café😀'), minLength: 1, maxLength });
const amount = fc.tuple(fc.integer({ min: 1, max: 99_999_999 }), fc.integer({ min: 0, max: 99 }))
  .map(([whole, part]) => `${whole}.${String(part).padStart(2, '0')}`);
const codes: fc.Arbitrary<MerchantPresented> = fc.record({
  initiation: fc.constantFrom('STATIC', 'DYNAMIC', undefined),
  accounts: fc.uniqueArray(fc.integer({ min: 26, max: 51 }), { minLength: 1, maxLength: 2 }).chain((ids) =>
    fc.tuple(...ids.map((id) => fc.tuple(fc.constant(String(id)), ans(20).map((scheme) => writeObjects([['00', scheme]])))))
      .map((accounts) => new Map(accounts))),
  categoryCode: digits(4),
  currency: digits(3),
  amount: fc.option(amount, { nil: undefined }),
  tip: fc.oneof(
    fc.constant(undefined),
    fc.constant({ kind: 'PROMPT' } as const),
    amount.map((fixed) => ({ kind: 'FIXED', amount: fixed }) as const),
    fc.integer({ min: 1, max: 100 }).map((percentage) => ({ kind: 'PERCENTAGE', percentage: String(percentage) }) as const),
  ),
  country: fc.constantFrom('US', 'CN', 'DE'),
  name: ans(25),
  city: ans(15),
  postalCode: fc.option(ans(10), { nil: undefined }),
  additional: fc.option(ans(25), { nil: undefined }).map((label) => new Map(label === undefined ? [] : [['05', label]])),
  localised: fc.option(
    fc.record({ language: fc.constantFrom('ZH', 'fr'), name: native(25), city: fc.option(native(15), { nil: undefined }) }),
    { nil: undefined },
  ),
});

describe('writeMerchantPresented', () => {
  it('writes what is read back as it was', () => {
    fc.assert(fc.property(codes, (code) => {
      expect(readMerchantPresented(writeMerchantPresented(code))).toEqual({ ok: true, value: code });
    }));
  });
  it('writes nothing that passes with one character changed', () => {
    const printable = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
    fc.assert(fc.property(codes, fc.nat(), printable, (code, at, character) => {
      const payload = writeMerchantPresented(code);
      const index = at % payload.length;
      fc.pre(payload.charCodeAt(index) < 0x80 && payload[index] !== character);
      expect(faultOf(payload.slice(0, index) + character + payload.slice(index + 1))).not.toBe('OK');
    }), { numRuns: 2_000 });
  });
  it.each<[string, Partial<MerchantPresented>]>([
    ['a name that does not fit', { name: 'x'.repeat(26) }],
    ['an empty name', { name: '' }],
    ['an amount of nothing', { amount: '0' }],
    ['no account', { accounts: new Map() }],
    ['more than an object holds', { accounts: new Map([['26', 'x'.repeat(100)]]) }],
  ])('throws for %s', (_what, change) => {
    expect(() => writeMerchantPresented({ ...valueOf(EMVCO), ...change })).toThrow(RangeError);
  });
  it('says why nobody could read it', () => {
    expect(() => writeMerchantPresented({ ...valueOf(EMVCO), amount: '0' })).toThrow('a code that nobody could read: FORM');
  });
});
