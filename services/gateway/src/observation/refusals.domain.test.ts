import { refusalCodes } from './refusals.domain';

it.each([
  ['no answer', null, []],
  ['nothing refused', { signIn: { session: { accessToken: 'secret' }, userErrors: [] }, viewer: { id: '1' }, payMerchant: null, echo: 'text' }, []],
  ['a refusal', { signIn: { session: null, userErrors: [{ code: 'WRONG_CREDENTIALS', message: 'secret' }] } }, ['WRONG_CREDENTIALS']],
  ['several of several', { a: { userErrors: [{ code: 'B' }, { code: 'A' }] }, b: { userErrors: [{ code: 'B' }, { code: 'C' }] } }, ['B', 'A', 'C']],
  ['what nobody asked the code of', { a: { userErrors: [{ message: 'text' }, null] } }, []],
  ['a field of that name that is none', { a: { userErrors: 'text' }, b: { userErrors: { code: 'A' } } }, []],
] as const)('refusalCodes of %s', (_what, data, codes) => {
  expect(refusalCodes(data)).toEqual(codes);
});

it('refusalCodes of a thousand different ones are ten', () => {
  expect(refusalCodes({ a: { userErrors: Array.from({ length: 1_000 }, (_, n) => ({ code: `C${n}` })) } })).toHaveLength(10);
});
