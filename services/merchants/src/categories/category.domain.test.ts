import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCategoryCode, parseCategoryList } from './category.domain';

const published = readFileSync(join(__dirname, '../../data/merchant-category-codes.csv'), 'utf8');

describe('the list of category codes', () => {
  it('is read whole from the published file', () => {
    const categories = parseCategoryList(published);
    expect(categories).toHaveLength(981);
    const named = new Map(categories.map((category) => [category.code, category.description]));
    expect(named.get('0742')).toBe('Veterinary Services');
    expect(named.get('0780')).toBe('Horticultural Services, Landscaping Services');
    expect(named.get('5814')).toBe('Fast Food Restaurants');
    expect([...named.keys()].every(isCategoryCode)).toBe(true);
  });
  it('takes a doubled quote for one, and either line ending', () => {
    expect(parseCategoryList('mcc,description\r\n0001,"a ""b"", c"\r\n0002,d\r\n')).toEqual([
      { code: '0001', description: 'a "b", c' },
      { code: '0002', description: 'd' },
    ]);
  });
  it.each([
    ['another heading', 'code,name\n0001,a'],
    ['no heading', '0001,a'],
    ['a code of three digits', 'mcc,description\n001,a'],
    ['an open quote', 'mcc,description\n0001,"a'],
    ['a comma outside of quotes', 'mcc,description\n0001,a,b'],
    ['no description', 'mcc,description\n0001,'],
    ['a code twice', 'mcc,description\n0001,a\n0001,b'],
  ])('is refused with %s', (_what, csv) => {
    expect(() => parseCategoryList(csv)).toThrow(/list of category codes/);
  });
});

it.each([
  ['5814', true],
  ['0000', true],
  ['581', false],
  ['58144', false],
  ['', false],
  ['5814\n', false],
  ['５８１４', false],
  ['58.4', false],
])('isCategoryCode(%j) is %s', (text, expected) => {
  expect(isCategoryCode(text)).toBe(expected);
});
