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
    ['the merchant', record, 'grace', false, { direction: 'OUT', balanceAfter: null, fee: 10n }],
    ['an operator', record, 'op', true, { direction: 'OUT', balanceAfter: null }],
    ['a stranger', record, 'eve', false, undefined],
    ['the sender', transfer, 'ada', false, { direction: 'OUT', balanceAfter: 500n, otherPersonId: 'bob', ownerId: 'ada' }],
    ['the recipient', transfer, 'bob', false, { direction: 'IN', balanceAfter: 500n, otherPersonId: 'ada', ownerId: 'ada' }],
    ['an operator, a transfer', transfer, 'op', true, { direction: 'OUT', balanceAfter: null }],
    ['a stranger, a transfer', transfer, 'eve', false, undefined],
    // A transfer is free today; were it not, the fee would be its sender's alone.
    ['the sender, with a fee', { ...transfer, fee: 5n }, 'ada', false, { fee: 5n }],
    ['the recipient, with a fee', { ...transfer, fee: 5n }, 'bob', false, { fee: 0n }],
  ])('%s', (_who, of, personId, operator, expected) => {
    const view = viewTransaction(of, { personId, operator });
    if (expected === undefined) expect(view).toBeUndefined();
    else expect(view).toMatchObject(expected);
  });

  it.each([
    ['TOP_UP', 'IN'], ['PAYMENT', 'OUT'], ['TRANSFER', 'OUT'], ['WITHDRAWAL', 'OUT'], ['REFUND', 'IN'], ['CASHBACK', 'IN'],
    ['FEE_REBATE', 'IN'], ['REFERRAL_REWARD', 'IN'], ['REWARD_REVERSAL', 'OUT'],
    ['ADJUSTMENT_CREDIT', 'IN'], ['ADJUSTMENT_DEBIT', 'OUT'],
  ])('a %s of one\'s own goes %s', (kind, direction) => {
    expect(viewTransaction({ ...record, kind }, { personId: 'ada', operator: false })!.direction).toBe(direction);
  });

  it.each([[0n, 'SETTLED'], [1n, 'PARTIALLY_REFUNDED'], [999n, 'PARTIALLY_REFUNDED'], [1_000n, 'REFUNDED']])(
    'with %s refunded is %s', (refunded, status) => {
      expect(viewTransaction({ ...record, refunded }, { personId: 'ada', operator: false })!.status).toBe(status);
    });

  it.each(['PENDING', 'FAILED'] as const)('of a top-up that is %s says so', (status) => {
    expect(viewTransaction({ ...record, kind: 'TOP_UP', status }, { personId: 'ada', operator: false })!.status).toBe(status);
  });
});

describe('descriptionRefusals', () => {
  it.each([
    [undefined, 'OK'], ['', 'OK'], ['café ☕ 咖啡', 'OK'], ['two\nlines', 'OK'], ['a\ttab', 'OK'], ['x'.repeat(140), 'OK'],
    ['👍'.repeat(140), 'OK'], ['x'.repeat(141), 'TOO_LONG'], ['nul\0', undefined], ['bell\u0007', undefined], ['\r', undefined],
    ['\ud800', undefined], ['\0'.repeat(141), 'TOO_LONG'],
  ])('%j: %s', (text, expected) => {
    const refusal = { code: 'INVALID_INPUT', ...(expected ? { reason: expected } : {}), field: ['input', 'reason'] };
    expect(descriptionRefusals(text, 'reason')).toEqual(expected === 'OK' ? [] : [refusal]);
  });
});
