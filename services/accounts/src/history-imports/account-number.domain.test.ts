import { NUMBER_PURPOSE, plainNumber } from './account-number.domain';

it.each([
  ['DE89370400440532013000', 'DE89370400440532013000'], ['DE89 3704 0044 0532 0130 00', 'DE89370400440532013000'], ['de89 3704', 'DE893704'],
  ['  12  34 ', '1234'], ['12-34/x', '12-34/X'], ['', ''],
])('the number %j is named as %j', (number, plain) => expect(plainNumber(number)).toBe(plain));

it('is found again only while the purpose stays what it was when it was named', () => {
  expect(NUMBER_PURPOSE).toBe('partner-account-number');
});
