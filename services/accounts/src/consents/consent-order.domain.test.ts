import { type BankOfConsents, decideOrder, mayBeGiven, orderStatus } from './consent-order.domain';

describe('all consents of a bank', () => {
  it.each<[string, BankOfConsents | undefined, string | undefined, boolean]>([
    // what is known of the bank, why an order is refused, whether somebody may consent
    ['it is active', { status: 'ACTIVE', ending: false }, undefined, true],
    ['it is active, and an order runs', { status: 'ACTIVE', ending: true }, 'ALREADY_EXISTS', false],
    ['it is suspended', { status: 'SUSPENDED', ending: false }, undefined, false],
    ['it is suspended, and an order runs', { status: 'SUSPENDED', ending: true }, 'ALREADY_EXISTS', false],
    ['nobody knows it', undefined, 'NOT_FOUND', false],
  ])('where %s', (_what, bank, code, given) => {
    expect(decideOrder(bank)).toEqual(code ? { ok: false, refusals: [{ code, field: ['input', 'partnerId'] }] } : { ok: true });
    expect(mayBeGiven(bank)).toBe(given);
  });

  it('are being ended until the order is finished', () => {
    expect([null, new Date()].map((finishedAt) => orderStatus({ finishedAt }))).toEqual(['RUNNING', 'FINISHED']);
  });
});
