import { writeMessage } from '../templates/render';
import { TEMPLATES, type TemplateName } from '../templates/template.catalogue';
import { merchantStatusAlarms } from './merchant-status-message.domain';

const change = { merchantId: 'm1', version: 4, people: ['owner', 'manager'] };

it.each([
  ['SUSPENDED', 'en', 'Cafe can neither be paid nor paid out to for now; refunds still work. Write to our support to learn what to do.'],
  ['SUSPENDED', 'zh-CN', 'Cafe 已被暂停：暂时无法收款，也不会向其付款。已收的款项仍可退款。请联系客服了解如何处理。'],
  ['ACTIVE', 'en', 'Cafe can be paid again, and what was held is paid out. Tell us if anything about it is not as you expect.'],
  ['ACTIVE', 'zh-CN', 'Cafe 已恢复收款，暂停期间的款项将继续付出。如有异常，请联系我们。'],
] as const)('whoever answers for a merchant hears that it is %s, in %s', (status, locale, body) => {
  const drafts = merchantStatusAlarms({ ...change, status });
  expect(drafts.map(({ personId, merchantId, validUntil }) => [personId, merchantId, validUntil])).toEqual([['owner', 'm1', null], ['manager', 'm1', null]]);
  for (const draft of drafts) {
    expect(TEMPLATES[draft.template as TemplateName]).toMatchObject({ class: 'SECURITY', channels: expect.arrayContaining(['EMAIL']) });
    expect(writeMessage(draft.template as TemplateName, locale, draft.facts, { merchant: 'Cafe', counterparty: '' }).body).toBe(body);
  }
});

it('once a change and person, whatever comes again, and nobody where nobody answers for it', () => {
  const keys = (version: number, status: 'ACTIVE' | 'SUSPENDED') => merchantStatusAlarms({ ...change, version, status }).map(({ dedupeKey }) => dedupeKey);
  expect(keys(4, 'SUSPENDED')).toEqual(keys(4, 'SUSPENDED'));
  expect(new Set([...keys(4, 'SUSPENDED'), ...keys(5, 'ACTIVE'), ...keys(6, 'SUSPENDED')]).size).toBe(6);
  expect(merchantStatusAlarms({ ...change, people: [], status: 'ACTIVE' })).toEqual([]);
});
