import { decideScopes, readScopesCommand } from './client-scopes.domain';

const KNOWN = ['partner:read', 'keys:manage', 'wallets:read'];
const active = (...scopes: string[]) => ({ status: 'ACTIVE' as const, scopes });

it.each([
  ['all of it', ['partner:read', 'keys:manage'], ['partner:read', 'keys:manage'], 'UNCHANGED'],
  ['the same in another order', ['partner:read', 'keys:manage'], ['keys:manage', 'partner:read'], 'UNCHANGED'],
  ['more', ['partner:read'], ['partner:read', 'wallets:read'], 'WIDEN'],
  ['less', ['partner:read', 'wallets:read'], ['partner:read'], 'NARROW'],
  ['other', ['partner:read'], ['keys:manage'], 'NARROW'],
  ['as many, of them one other', ['partner:read', 'keys:manage'], ['partner:read', 'wallets:read'], 'NARROW'],
  ['more, and less', ['partner:read', 'keys:manage'], ['keys:manage', 'wallets:read', 'history:import'], 'NARROW'],
  // A scope that nobody knows any more cannot be kept.
  ['all that is known', ['partner:read', 'forgotten'], ['partner:read'], 'NARROW'],
])('who shall have %s', (_what, has, wanted, plan) => {
  expect(decideScopes(active(...has), wanted)).toEqual({ ok: true, plan });
});

it('nothing becomes of a client that is not there, or is revoked', () => {
  const refusals = (client: Parameters<typeof decideScopes>[0]) => decideScopes(client, ['partner:read']);
  const field = ['input', 'clientId'];
  expect(refusals(undefined)).toEqual({ ok: false, refusals: [{ code: 'NOT_FOUND', field }] });
  for (const scopes of [['partner:read'], ['keys:manage']]) {
    expect(refusals({ status: 'REVOKED', scopes })).toEqual({ ok: false, refusals: [{ code: 'NOT_ALLOWED', reason: 'CLIENT_REVOKED', field }] });
  }
});

it.each([
  ['both at fault', [], ' ', ['scopes', 'reason']],
  ['no scope', [], 'why', ['scopes']],
  ['an unknown one', ['partner:read', 'all'], 'why', ['scopes']],
  ['no reason', ['partner:read'], '', ['reason']],
])('%s', (_what, scopes, reason, fields) => {
  const read = readScopesCommand({ scopes, reason }, KNOWN);
  expect(read.ok ? [] : read.refusals.map(({ code, field }) => `${code} ${field.join('.')}`)).toEqual(fields.map((field) => `INVALID_INPUT input.${field}`));
});

it('scopes are read in their order, each once, and the reason without blanks', () => {
  expect(readScopesCommand({ scopes: ['wallets:read', 'partner:read', 'wallets:read'], reason: ' why ' }, KNOWN)).toEqual({
    ok: true, plan: { scopes: ['partner:read', 'wallets:read'], reason: 'why' },
  });
});
