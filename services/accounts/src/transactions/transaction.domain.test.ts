import { currencyCode } from '@tael/money';
import { descriptionRefusals } from './description.domain';
import { type TransactionRecord, viewTransaction } from './transaction.domain';

const record: TransactionRecord = {
  id: 't', kind: 'PAYMENT', status: 'SETTLED', currency: currencyCode('USD'), amount: 1_000n, fee: 10n, refunded: 0n, personId: 'ada',
  counterpartyId: null, merchantId: 'm', merchantPeople: ['grace'], balanceAfter: 500n, description: 'coffee', recordedAt: new Date(0),
};
const transfer: TransactionRecord = { ...record, kind: 'TRANSFER', fee: 0n, merchantId: null, merchantPeople: [], counterpartyId: 'bob' };

describe('viewTransaction', () => {
  // whose eyes -> what they see
  it.each<[string, TransactionRecord, string, boolean, object | undefined]>([
    ['the payer', record, 'ada', false, { direction: 'OUT', balanceAfter: 500n, fee: 10n, otherPersonId: null, ownerId: 'ada' }],
    ['the merchant', record, 'grace', false, { direction: 'OUT', balanceAfter: null }],
    ['an operator', record, 'op', true, { direction: 'OUT', balanceAfter: null }],
    ['a stranger', record, 'eve', false, undefined],
    ['the sender', transfer, 'ada', false, { direction: 'OUT', balanceAfter: 500n, otherPersonId: 'bob', ownerId: 'ada' }],
    ['the recipient', transfer, 'bob', false, { direction: 'IN', balanceAfter: 500n, otherPersonId: 'ada', ownerId: 'ada' }],
    ['an operator, a transfer', transfer, 'op', true, { direction: 'OUT', balanceAfter: null }],
    ['a stranger, a transfer', transfer, 'eve', false, undefined],
  ])('%s', (_who, of, personId, operator, expected) => {
    const view = viewTransaction(of, { personId, operator });
    if (expected === undefined) expect(view).toBeUndefined();
    else expect(view).toMatchObject(expected);
  });

  it.each([
    ['TOP_UP', 'IN'], ['PAYMENT', 'OUT'], ['TRANSFER', 'OUT'], ['WITHDRAWAL', 'OUT'], ['REFUND', 'IN'], ['CASHBACK', 'IN'],
    ['FEE_REBATE', 'IN'], ['REFERRAL_REWARD', 'IN'], ['REWARD_REVERSAL', 'OUT'],
  ])('a %s of one\'s own goes %s', (kind, direction) => {
    expect(viewTransaction({ ...record, kind }, { personId: 'ada', operator: false })!.direction).toBe(direction);
  });

  it.each([[0n, 'SETTLED'], [1n, 'PARTIALLY_REFUNDED'], [999n, 'PARTIALLY_REFUNDED'], [1_000n, 'REFUNDED']])(
    'with %s refunded is %s', (refunded, status) => {
      expect(viewTransaction({ ...record, refunded }, { personId: 'ada', operator: false })!.status).toBe(status);
    });
});

describe('descriptionRefusals', () => {
  it.each([
    [undefined, true], ['', true], ['café ☕ 咖啡', true], ['two\nlines', true], ['x'.repeat(140), true], ['👍'.repeat(140), true],
    ['x'.repeat(141), false], ['nul\0', false], ['bell\u0007', false], ['\ud800', false],
  ])('%j: %s', (text, ok) => {
    expect(descriptionRefusals(text, 'description').length === 0).toBe(ok);
  });
});
