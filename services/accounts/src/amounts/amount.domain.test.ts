import { currencyCode } from '@tael/money';
import { checkAmount } from './amount.domain';

describe('checkAmount', () => {
  it.each([[1n, true], [0n, false], [-1n, false]])('%s: %s', (minor, ok) => {
    expect(checkAmount({ minor, currency: currencyCode('USD') }).ok).toBe(ok);
  });
});
