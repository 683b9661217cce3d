import { decideStore, isCountry, isOpenAt, type StoreCommand } from './store.domain';

const store: StoreCommand = {
  name: 'Corner', addressLines: ['1 Main Street'], city: 'San Francisco', postalCode: '94105', country: 'US', latitude: 37.784064,
  longitude: -122.40398, timeZone: 'America/Los_Angeles', hours: { weekly: [], exceptions: [] },
};
const faultsOf = (change: Partial<StoreCommand>): string[] => {
  const decision = decideStore({ ...store, ...change });
  return decision.ok ? [] : decision.refusals.map(({ code, reason, field }) => `${code} ${reason} ${field.join('.')}`);
};

it.each<[string, Partial<StoreCommand>, string[]]>([
  ['a plain one', {}, []],
  ['one in Chinese', { name: '街角咖啡', addressLines: ['王府井大街1号'], city: '北京', country: 'CN', timeZone: 'Asia/Shanghai' }, []],
  ['one without a postal code', { postalCode: null }, []],
  ['a name of 120', { name: 'x'.repeat(120) }, []],
  ['a name of 121', { name: 'x'.repeat(121) }, ['INVALID_INPUT TOO_LONG input.name']],
  ['a name that turns text', { name: 'a\u202eb' }, ['INVALID_INPUT CHARACTERS input.name']],
  ['no street', { addressLines: [] }, ['INVALID_INPUT EMPTY input.addressLines']],
  ['four lines', { addressLines: Array(4).fill('x'.repeat(120)) }, []],
  ['a line of 121', { addressLines: ['x', 'x'.repeat(121)] }, ['INVALID_INPUT TOO_LONG input.addressLines.1']],
  ['five lines', { addressLines: Array(5).fill('x') }, ['INVALID_INPUT TOO_LONG input.addressLines']],
  ['an empty line', { addressLines: ['x', ' '] }, ['INVALID_INPUT EMPTY input.addressLines.1']],
  ['a city of 80, outside the basic plane', { city: '𠀀'.repeat(80) }, []],
  ['no city', { city: ' ' }, ['INVALID_INPUT EMPTY input.city']],
  ['a postal code of ten', { postalCode: 'A1 2-3bcde' }, []],
  ['a postal code of eleven', { postalCode: '12345678901' }, ['INVALID_INPUT CHARACTERS input.postalCode']],
  ['a postal code that begins with a hyphen', { postalCode: '-1' }, ['INVALID_INPUT CHARACTERS input.postalCode']],
  ['a place at the pole, where the day begins', { latitude: -90, longitude: 180 }, []],
  ['a city of 81', { city: 'x'.repeat(81) }, ['INVALID_INPUT TOO_LONG input.city']],
  ['a postal code with a line end', { postalCode: '94105\n' }, ['INVALID_INPUT CHARACTERS input.postalCode']],
  ['a country that is none', { country: 'XX' }, ['INVALID_INPUT COUNTRY input.country']],
  ['a latitude off the earth', { latitude: 90.5 }, ['INVALID_INPUT OUT_OF_RANGE input.latitude']],
  ['a longitude off the earth', { longitude: -181 }, ['INVALID_INPUT OUT_OF_RANGE input.longitude']],
  ['a place too fine', { latitude: 1.0000001 }, ['INVALID_INPUT OUT_OF_RANGE input.latitude']],
  ['another time zone', { timeZone: 'Mars/Olympus' }, ['INVALID_INPUT TIME_ZONE input.timeZone']],
  ['hours that are none', { hours: { weekly: [{ weekday: 'MONDAY', opens: 'x', closes: '09:00' }], exceptions: [] } }, ['INVALID_INPUT TIME_OF_DAY input.openingHours.0.opens']],
  ['two at fault', { name: '', country: '' }, ['INVALID_INPUT EMPTY input.name', 'INVALID_INPUT COUNTRY input.country']],
])('a store: %s', (_what, change, expected) => {
  expect(faultsOf(change)).toEqual(expected);
});

it('keeps texts clean and places whole', () => {
  expect(decideStore({ ...store, name: ' Cafe\u0301 ', timeZone: 'america/los_angeles' })).toMatchObject({
    ok: true, details: { name: 'Caf\u00e9', latitudeE6: 37_784_064, longitudeE6: -122_403_980, timeZone: 'America/Los_Angeles' },
  });
});

it.each([['US', true], ['CN', true], ['GB', true], ['XK', true], ['us', false], ['EU', false], ['ZZ', false], ['XX', false], ['USA', false], ['', false]])(
  'isCountry(%j) is %s', (code, expected) => {
    expect(isCountry(code)).toBe(expected);
  },
);

it('a store that was closed for good is never open', () => {
  const hours = { weekly: [{ weekday: 'MONDAY', opens: '00:00', closes: '24:00' } as const], exceptions: [] };
  const at = new Date('2026-06-01T12:00:00Z');
  expect(isOpenAt({ status: 'OPEN', hours, timeZone: 'UTC' }, at)).toBe(true);
  expect(isOpenAt({ status: 'CLOSED', hours, timeZone: 'UTC' }, at)).toBe(false);
});

const ISO_3166_1 = [
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ',
  'DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM',
  'JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR',
  'NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT',
  'TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW',
].flatMap((line) => line.split(' '));

it('the countries are the 249 of ISO 3166-1 and Kosovo: not the UK, the Soviet Union or the Canary Islands', () => {
  const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
  const codes = letters.flatMap((one) => letters.map((other) => one + other));
  expect(codes.filter(isCountry)).toEqual([...ISO_3166_1, 'XK'].sort());
  expect(ISO_3166_1).toHaveLength(249);
});
