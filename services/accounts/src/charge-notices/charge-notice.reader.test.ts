import { readNotice } from './charge-notice.reader';

describe('readNotice', () => {
  const body = (change: object = {}) => JSON.stringify({ type: 'charge.succeeded', timestamp: 'x', data: { key: 'topup-1', chargeId: 'c', status: 'succeeded' }, ...change });

  it.each([
    ['what is needed of it', 'n-1', body(), { id: 'n-1', type: 'charge.succeeded', key: 'topup-1' }],
    ['one of a kind that nobody works off', 'n-1', body({ type: 'payout.paid', data: 1 }), 'foreign'],
    ['no type', 'n-1', body({ type: undefined }), undefined],
    ['no data', 'n-1', body({ data: undefined }), undefined],
    ['no key', 'n-1', body({ data: { chargeId: 'c' } }), undefined],
    ['a key that is too long', 'n-1', body({ data: { key: 'x'.repeat(256) } }), undefined],
    ['no JSON', 'n-1', '{', undefined],
    ['no object', 'n-1', '[]', undefined],
    ['no id', '', body(), undefined],
    ['an id that is too long', 'x'.repeat(201), body(), undefined],
    ['an id with something else in it', 'n 1', body(), undefined],
  ])('%s', (_what, id, text, read) => {
    expect(readNotice(id, text)).toEqual(read);
  });
});
