import { currencyCode, MAX_MINOR } from '@tael/money';
import { codeRefusals, type CodeShop, type PaymentCodeCommand } from './payment-code.domain';

const USD = currencyCode('USD');
const command: PaymentCodeCommand = { amount: { minor: 1_250n, currency: USD }, reference: 'TABLE 7', expiresInSeconds: 900 };
const shop: CodeShop = { currency: 'USD', merchantStatus: 'ACTIVE', storeStatus: 'OPEN' };

it.each<[string, Partial<PaymentCodeCommand>, Partial<CodeShop>, string[]]>([
  ['a plain one', {}, {}, []],
  ['one without a reference', { reference: undefined }, {}, []],
  ['the largest amount', { amount: { minor: 999_999_999_999n, currency: USD } }, {}, []],
  ['one more', { amount: { minor: 1_000_000_000_000n, currency: USD } }, {}, ['INVALID_INPUT TOO_LARGE input.amount.amount']],
  ['the most that money knows', { amount: { minor: MAX_MINOR, currency: USD } }, {}, ['INVALID_INPUT TOO_LARGE input.amount.amount']],
  ['less than nothing', { amount: { minor: -1n, currency: USD } }, {}, ['INVALID_INPUT NOT_POSITIVE input.amount.amount']],
  ['a cent', { amount: { minor: 1n, currency: USD } }, {}, []],
  ['a reference of 25, of any sign', { reference: ' ~'.padEnd(25, 'x') }, {}, []],
  ['a reference of two lines', { reference: 'a\n' }, {}, ['INVALID_INPUT REFERENCE input.reference']],
  ['nothing', { amount: { minor: 0n, currency: USD } }, {}, ['INVALID_INPUT NOT_POSITIVE input.amount.amount']],
  ['another currency', { amount: { minor: 1n, currency: currencyCode('EUR') } }, {}, ['CURRENCY_MISMATCH MERCHANT input.amount.currency']],
  ['an empty reference', { reference: '' }, {}, ['INVALID_INPUT REFERENCE input.reference']],
  ['a reference of 26', { reference: 'x'.repeat(26) }, {}, ['INVALID_INPUT REFERENCE input.reference']],
  ['a reference in Chinese', { reference: '桌' }, {}, ['INVALID_INPUT REFERENCE input.reference']],
  ['a minute', { expiresInSeconds: 60 }, {}, []],
  ['less', { expiresInSeconds: 59 }, {}, ['INVALID_INPUT OUT_OF_RANGE input.expiresInSeconds']],
  ['a day', { expiresInSeconds: 86_400 }, {}, []],
  ['more', { expiresInSeconds: 86_401 }, {}, ['INVALID_INPUT OUT_OF_RANGE input.expiresInSeconds']],
  ['a merchant that waits', {}, { merchantStatus: 'PENDING' }, ['MERCHANT_NOT_ACTIVE undefined input.storeId']],
  ['a merchant that is suspended', {}, { merchantStatus: 'SUSPENDED' }, ['MERCHANT_NOT_ACTIVE undefined input.storeId']],
  ['all at fault, in the order of the shop and then the input', { amount: { minor: 0n, currency: currencyCode('EUR') }, reference: '', expiresInSeconds: 0 },
    { merchantStatus: 'PENDING', storeStatus: 'CLOSED' }, [
      'MERCHANT_NOT_ACTIVE undefined input.storeId', 'NOT_ALLOWED STORE_CLOSED input.storeId', 'CURRENCY_MISMATCH MERCHANT input.amount.currency',
      'INVALID_INPUT NOT_POSITIVE input.amount.amount', 'INVALID_INPUT REFERENCE input.reference', 'INVALID_INPUT OUT_OF_RANGE input.expiresInSeconds',
    ]],
  ['a store that is closed for good', {}, { storeStatus: 'CLOSED' }, ['NOT_ALLOWED STORE_CLOSED input.storeId']],
])('a code for one payment: %s', (_what, change, of, expected) => {
  const told = codeRefusals({ ...command, ...change }, { ...shop, ...of }).map(({ code, reason, field }) => `${code} ${reason} ${field.join('.')}`);
  expect(told).toEqual(expected);
});
