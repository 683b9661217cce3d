import { currencyCode } from '@tael/money';
import { checkAmount } from './amount.domain';

const refused = { ok: false, refusals: [{ code: 'INVALID_INPUT', reason: 'NOT_POSITIVE', field: ['input', 'amount', 'amount'] }] };

describe('checkAmount', () => {
  it.each([[1n, { ok: true }], [0n, refused], [-1n, refused]])('%s: %j', (minor, outcome) => {
    expect(checkAmount({ minor, currency: currencyCode('USD') })).toEqual(outcome);
  });
});
