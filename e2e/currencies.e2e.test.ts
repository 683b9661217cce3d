import { balanceOf, must, newFundedPerson, newMerchant, newPerson, PAY, payment, QUOTE } from './world';

describe('currencies of none and three fraction digits', () => {
  it.each([
    ['JPY', '50000', '10000', '100', '39900'], ['JPY', '50000', '100', '10', '49890'], ['JPY', '900000', '500000', '500', '399500'],
    ['KWD', '50.000', '10.000', '0.100', '39.900'], ['KWD', '50.000', '0.050', '0.050', '49.900'],
    // 1 % of 12.050 is 0.1205: half-even gives 0.120.
    ['KWD', '50.000', '12.050', '0.120', '37.830'],
  ])('%s: of %s a payment of %s costs %s and leaves %s', async (currency, funds, price, fee, left) => {
    const shop = await newMerchant({ currency });
    const person = await newFundedPerson(funds, { currency });
    const amount = { amount: price, currency };
    const { paymentQuote } = await must<any>(person.client, QUOTE, { input: { walletId: person.walletId, merchantId: shop.id, amount } });
    expect(paymentQuote.quote.fee.amount).toBe(fee);
    const { payMerchant } = await must<any>(person.client, PAY, payment(person, shop.id, price, { amount }));
    expect(payMerchant.transaction.fee.amount).toBe(fee);
    expect(payMerchant.wallet.balance.posted.amount).toBe(left);
  });

  it('a second wallet is opened once, and keeps its own money', async () => {
    const person = await newPerson();
    const OPEN = 'mutation ($input: OpenWalletInput!) { openWallet(input: $input) { wallet { id currency balance { posted { amount currency } } } userErrors { code } } }';
    const opened = await must<any>(person.client, OPEN, { input: { currency: 'EUR' } });
    expect(opened.openWallet.wallet).toMatchObject({ currency: 'EUR', balance: { posted: { amount: '0.00', currency: 'EUR' } } });
    const again = await person.client.request<any>(OPEN, { input: { currency: 'EUR' } });
    expect(again.data.openWallet.userErrors[0].code).toBe('ALREADY_EXISTS');
    const { viewer } = await must<any>(person.client, '{ viewer { wallets { currency } wallet(currency: "CHF") { id } } }');
    expect(viewer).toEqual({ wallets: [{ currency: 'USD' }, { currency: 'EUR' }], wallet: null });
    expect(await balanceOf(person)).toBe('0.00');
  });
});
