import { eventually } from '@tael/testkit';
import { must, newFundedPerson, newMerchant, pay } from './world';

const STATEMENT = `query ($month: String!) { viewer { wallet(currency: "USD") { statement(month: $month) {
  isFinal openingBalance { amount } closingBalance { amount } credits { amount } debits { amount } entryCount
  entries(first: 10) { edges { node { transactionId kind amount { amount } fee { amount } balanceAfter { amount } } } }
  csv: document(format: CSV) { fileName mediaType content } camt: document(format: CAMT_053) { fileName mediaType content } } } } }`;

describe('a person reads the statement of the month', () => {
  it('which ends at the balance that the wallet shows, to the cent, in the graph and in both files', async () => {
    const [ada, shop] = await Promise.all([newFundedPerson('100.00'), newMerchant()]);
    const paid = await pay(ada, shop.id, '20.00');
    // Just after midnight of the first of a month the payment stands in the month that has begun.
    const { viewer: { wallet: { statements: { edges } } } } = await must<any>(ada.client, '{ viewer { wallet(currency: "USD") { statements(first: 2) { edges { node { month } } } } } }');
    const [{ node: { month } }] = edges;
    await eventually(async () => {
      const { viewer } = await must<any>(ada.client, STATEMENT, { month });
      const { statement } = viewer.wallet;
      expect(statement).toMatchObject({ isFinal: false, openingBalance: { amount: '0.00' }, closingBalance: { amount: '79.80' }, entryCount: 2 });
      expect(statement.entries.edges.at(-1).node).toMatchObject({ transactionId: paid.id, kind: 'PAYMENT', amount: { amount: '-20.20' }, fee: { amount: '0.20' }, balanceAfter: { amount: '79.80' } });
      expect(statement.csv).toMatchObject({ fileName: `statement-${month}-USD.csv`, mediaType: 'text/csv; charset=utf-8' });
      expect(statement.csv.content.trimEnd().split('\r\n').at(-1)).toContain(`${paid.id},PAYMENT,-20.20,USD,0.20,79.80`);
      expect(statement.camt.content).toContain(`<AcctSvcrRef>${paid.id.replaceAll('-', '')}</AcctSvcrRef>`);
    }, { describe: 'the statement has both moves' });
  });

  it.each(['2026-13', '1999-01', 'now'])('and nothing for %s', async (month) => {
    const ada = await newFundedPerson('1.00');
    expect(await must<any>(ada.client, STATEMENT, { month })).toEqual({ viewer: { wallet: { statement: null } } });
  });
});
