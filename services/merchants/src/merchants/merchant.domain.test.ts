import fc from 'fast-check';
import {
  canBeInName,
  containsPattern,
  decideActivation,
  decideRegistration,
  decideSuspension,
  type RegistrationCommand,
  searchable,
} from './merchant.domain';

const person = { personId: '0196a000-0000-7000-8000-000000000001', isOperator: false };
const operator = { ...person, isOperator: true };
const valid: RegistrationCommand = { name: 'Corner Coffee', categoryCode: '5814', currency: 'USD' };
const known = { category: true };

const reasons = (change: Partial<RegistrationCommand>, on = known): string[] => {
  const decision = decideRegistration({ ...valid, ...change }, person, on);
  return decision.ok ? [] : decision.refusals.map((refusal) => `${refusal.field.join('.')} ${refusal.reason}`);
};

describe('a registration', () => {
  it.each<[string, Partial<RegistrationCommand>, string[]]>([
    ['a plain one', {}, []],
    ['a name of one character', { name: 'X' }, []],
    ['a name in Chinese', { name: '街角咖啡' }, []],
    ['a name of symbols', { name: '★' }, []],
    ['a name of 120 characters', { name: 'x'.repeat(120) }, []],
    ['a name of 120 characters outside the basic plane', { name: '😀'.repeat(120) }, []],
    ['a name of 120 characters between blanks', { name: `  ${'x'.repeat(120)}  ` }, []],
    ['a name of 121 characters', { name: 'x'.repeat(121) }, ['input.name TOO_LONG']],
    ['an empty name', { name: '' }, ['input.name EMPTY']],
    ['a name of blanks', { name: ' \u00a0 ' }, ['input.name EMPTY']],
    ['a name of nothing visible', { name: '\u200b\u200d' }, ['input.name EMPTY']],
    ['a name with a NUL', { name: 'a\0b' }, ['input.name CHARACTERS']],
    ['a name of two lines', { name: 'a\nb' }, ['input.name CHARACTERS']],
    ['a name with half a surrogate pair', { name: 'a\ud800b' }, ['input.name CHARACTERS']],
    ['a name that turns the direction of text', { name: 'a\u202eb' }, ['input.name CHARACTERS']],
    ['a category of three digits', { categoryCode: '581' }, ['input.categoryCode CATEGORY_CODE']],
    ['a category with letters', { categoryCode: '58a4' }, ['input.categoryCode CATEGORY_CODE']],
    ['a currency in small letters', { currency: 'usd' }, ['input.currency UNKNOWN_CURRENCY']],
    ['a currency that is none', { currency: 'XXX' }, ['input.currency UNKNOWN_CURRENCY']],
    [
      'all at fault',
      { name: '', categoryCode: '', currency: '' },
      ['input.name EMPTY', 'input.categoryCode CATEGORY_CODE', 'input.currency UNKNOWN_CURRENCY'],
    ],
  ])('with %s', (_what, change, expected) => {
    expect(reasons(change)).toEqual(expected);
  });
  it('with a category that is not on the list', () => {
    expect(reasons({ categoryCode: '0001' }, { category: false })).toEqual(['input.categoryCode CATEGORY_CODE']);
  });
  it('makes whoever registers their own business act for it, and nobody where an operator registers', () => {
    expect(decideRegistration(valid, person, known)).toMatchObject({
      ok: true,
      plan: { status: 'PENDING', people: [person.personId] },
    });
    expect(decideRegistration(valid, operator, known)).toMatchObject({
      ok: true,
      plan: { status: 'PENDING', people: [] },
    });
  });
  it('keeps the name as it was written, in one Unicode form and without blanks around it', () => {
    expect(decideRegistration({ ...valid, name: ' Cafe\u0301 ' }, person, known)).toMatchObject({
      plan: { name: 'Caf\u00e9', searchName: 'caf\u00e9' },
    });
  });
});

it.each([
  ['PENDING', 'ACTIVATE'],
  ['SUSPENDED', 'ACTIVATE'],
  ['ACTIVE', 'UNCHANGED'],
] as const)('activation of a merchant that is %s: %s', (status, expected) => {
  expect(decideActivation(status, false)).toBe(expected);
});

it.each([
  ['PENDING', 'OWN_MERCHANT'],
  ['SUSPENDED', 'OWN_MERCHANT'],
  ['ACTIVE', 'UNCHANGED'],
] as const)('activation of a merchant of one\'s own that is %s: %s', (status, expected) => {
  expect(decideActivation(status, true)).toBe(expected);
});

it.each([
  ['PENDING', 'SUSPEND'],
  ['ACTIVE', 'SUSPEND'],
  ['SUSPENDED', 'UNCHANGED'],
] as const)('suspension of a merchant that is %s: %s', (status, expected) => {
  expect(decideSuspension(status)).toBe(expected);
});

// LIKE as Postgres reads it, with the backslash as its escape.
const like = (text: string, pattern: string): boolean => {
  const source = pattern.replace(/\\(.)|([%_])|([^\\%_])/gsu, (_all, escaped, wildcard, plain) =>
    wildcard ? (wildcard === '%' ? '[^]*' : '[^]') : `\\u{${(escaped ?? plain).codePointAt(0).toString(16)}}`,
  );
  return new RegExp(`^${source}$`, 'u').test(text);
};

describe('a search', () => {
  it.each([
    ['100%', '%100\\%%'],
    ['a_b', '%a\\_b%'],
    ['a\\b', '%a\\\\b%'],
    ['CoFFee', '%coffee%'],
    ['ＡＢＣ', '%abc%'],
  ])('for %j is the pattern %j', (search, pattern) => {
    expect(containsPattern(search)).toBe(pattern);
  });
  it('finds exactly the names that contain the text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'B', '%', '_', '\\', 'é'), maxLength: 6 });
    fc.assert(
      fc.property(text, text, (name, search) => {
        expect(like(searchable(name), containsPattern(search))).toBe(searchable(name).includes(searchable(search)));
      }),
    );
  });
});

it.each([
  ['coffee', true],
  ['a b', true],
  ['', true],
  ['a\0b', false],
  ['a\ud800', false],
  ['a\u202eb', false],
])('canBeInName(%j) is %s', (text, expected) => {
  expect(canBeInName(text)).toBe(expected);
});
