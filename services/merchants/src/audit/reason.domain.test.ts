import { reasonOf } from './reason.domain';

const refusal = (reason: string) => ({ ok: false, refusals: [{ code: 'INVALID_INPUT', reason, field: ['input', 'reason'] }] });

it.each([
  ['an operator says nothing', undefined, true, refusal('EMPTY')],
  ['an operator says null', null, true, refusal('EMPTY')],
  ['an operator says blanks', '  \t'.trim(), true, refusal('EMPTY')],
  ['an operator says signs alone', '...', true, refusal('EMPTY')],
  ['an operator says too much', 'x'.repeat(501), true, refusal('TOO_LONG')],
  ['an operator says why', ' The owner asked, ticket 12 ', true, { ok: true, plan: 'The owner asked, ticket 12' }],
  ['the merchant says nothing', undefined, false, { ok: true, plan: undefined }],
  ['the merchant says something, which is not kept', 'Ada left', false, { ok: true, plan: undefined }],
])('%s', (_who, given, isOperator, expected) => {
  expect(reasonOf(given, { isOperator })).toEqual(expected);
});
