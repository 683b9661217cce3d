import { getOperationAST, parse } from 'graphql';
import { sessionFieldsOf } from './session.fields';

const read = (text: string, name?: string) => {
  const document = parse(text);
  return sessionFieldsOf(document, getOperationAST(document, name)!);
};

describe('where an operation gives sessions', () => {
  it.each<[string, object, boolean, boolean]>([
    ['mutation { signIn(input: {}) { session { accessToken } } }', { signIn: { session: {} } }, true, true],
    ['mutation { signIn(input: {}) { session { accessToken } } }', { signIn: { session: null } }, true, false],
    ['mutation { signIn(input: {}) { session { accessToken } } }', { signIn: null }, true, false],
    ['mutation { a: signUp(input: {}) { b: session { accessToken } } }', { a: { b: {} } }, true, true],
    ['mutation { a: completeSignIn(input: {}) { session { accessToken } } }', { a: { session: {} } }, true, true],
    ['mutation { ...F } fragment F on Mutation { signIn(input: {}) { ...G } } fragment G on SignInPayload { session { accessToken } }', { signIn: { session: {} } }, true, true],
    ['mutation { ... { signIn(input: {}) { ... on SignInPayload { session { accessToken } } } } }', { signIn: { session: {} } }, true, true],
    ['mutation { refreshSession(input: {}) { session { accessToken } } }', { refreshSession: { session: {} } }, false, true],
  ])('%s %j', (text, data, isEntry, isGiven) => {
    const fields = read(text)!;
    expect([fields.isEntry, fields.isGiven(data)]).toEqual([isEntry, isGiven]);
  });

  it('an answer without data gives none', () => {
    const fields = read('mutation { signIn(input: {}) { session { accessToken } } }')!;
    expect([fields.isGiven(null), fields.isGiven(undefined)]).toEqual([false, false]);
  });

  it.each([
    ['{ signIn { session } }'],
    ['mutation { signIn(input: {}) { userErrors { code } } }'],
    ['mutation { payMerchant(input: {}) { session { id } } }'],
    ['mutation { signIn: payMerchant(input: {}) { session { id } } }'],
  ])('%s has none', (text) => expect(read(text)).toBeNull());

  it('is asked of the named operation alone', () => {
    const text = 'mutation A { signIn(input: {}) { session { accessToken } } } mutation B { pay }';
    expect([read(text, 'A')?.isEntry, read(text, 'B')]).toEqual([true, null]);
  });
});
