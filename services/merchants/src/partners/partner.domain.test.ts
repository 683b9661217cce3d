import {
  decideAddition,
  decideInvitation,
  decideRate,
  decideRetirement,
  decideRevocation,
  type InvitationCommand,
  isSameRate,
  mayRegister,
  type PartnerEnvironment,
  type PartnerStatus,
  readReason,
  readScopes,
} from './partner.domain';

const SCOPES = ['partner:read', 'keys:manage'];
const reasons = (
  decision:
    { ok: true } | { ok: false; refusals: readonly { code: string; reason?: string; field: readonly string[] }[] },
): string[] =>
  decision.ok
    ? []
    : decision.refusals.map(({ code, reason, field }) => `${field.join('.')} ${code}${reason ? `.${reason}` : ''}`);

it.each<[string, string, string[]]>([
  ['a word', 'lost', []],
  ['500 characters', 'x'.repeat(500), []],
  ['500 characters outside the basic plane', '𝒳'.repeat(500), []],
  ['501 characters', 'x'.repeat(501), ['input.reason INVALID_INPUT.TOO_LONG']],
  ['two lines and a tab', 'a\n\tb', []],
  ['nothing', '', ['input.reason INVALID_INPUT.EMPTY']],
  ['blanks', ' \n ', ['input.reason INVALID_INPUT.EMPTY']],
  ['dots', '...', ['input.reason INVALID_INPUT.EMPTY']],
  ['a NUL', 'a\0', ['input.reason INVALID_INPUT.CHARACTERS']],
  ['a return', 'a\rb', ['input.reason INVALID_INPUT.CHARACTERS']],
  ['half a surrogate pair', 'a\ud800', ['input.reason INVALID_INPUT.CHARACTERS']],
  ['a mark that turns the direction', 'a\u202eb', ['input.reason INVALID_INPUT.CHARACTERS']],
])('a reason of %s', (_what, reason, expected) => {
  expect(reasons(readReason(reason))).toEqual(expected);
});

it.each<[string, string[], readonly string[] | 'refused']>([
  ['one', ['keys:manage'], ['keys:manage']],
  ['all, in another order', ['keys:manage', 'partner:read'], SCOPES],
  ['one twice', ['partner:read', 'partner:read'], ['partner:read']],
  ['none', [], 'refused'],
  ['an unknown one beside a known one', ['partner:read', 'partner:write'], 'refused'],
])('scopes: %s', (_what, given, expected) => {
  const decision = readScopes(given, SCOPES);
  expect(decision.ok ? decision.plan : 'refused').toEqual(expected);
});

describe('an invitation of a partner', () => {
  const valid: InvitationCommand = {
    name: 'First Bank',
    environment: 'SANDBOX',
    scopes: ['partner:read'],
    reason: 'Contract 7',
  };
  it('is planned with the name in one form', () => {
    expect(decideInvitation({ ...valid, name: ' Cre\u0301dit ', reason: ' Contract 7 ' }, SCOPES, { sandboxPartners: true })).toEqual({
      ok: true,
      plan: {
        name: 'Crédit',
        searchName: 'crédit',
        environment: 'SANDBOX',
        scopes: ['partner:read'],
        reason: 'Contract 7',
      },
    });
  });
  it('is refused for all that is at fault at once', () => {
    expect(reasons(decideInvitation({ ...valid, name: '', scopes: [], reason: '' }, SCOPES, { sandboxPartners: false }))).toEqual([
      'input.name INVALID_INPUT.EMPTY',
      'input.environment NOT_ALLOWED.SANDBOX_PARTNER',
      'input.scopes INVALID_INPUT.SCOPE',
      'input.reason INVALID_INPUT.EMPTY',
    ]);
  });
  it.each<[PartnerEnvironment, boolean, string[]]>([
    ['SANDBOX', true, []],
    ['SANDBOX', false, ['input.environment NOT_ALLOWED.SANDBOX_PARTNER']],
    ['PRODUCTION', true, []],
    ['PRODUCTION', false, []],
  ])('for %s where banks of the sandbox are let in: %s', (environment, sandboxPartners, refused) => {
    expect(reasons(decideInvitation({ ...valid, environment }, SCOPES, { sandboxPartners }))).toEqual(refused);
  });
});

it.each<[number, number, string[]]>([
  [1, 1, []],
  [10_000, 1_000_000, []],
  [100, 99, ['burst']],
  [0, 10, ['perSecond']],
  [10_001, 1_000_000, ['perSecond']],
  [1, 1_000_001, ['burst']],
  [-1, -1, ['perSecond', 'burst']],
  [1.5, 10, ['perSecond']],
])('a rate of %d a second and %d at once', (perSecond, burst, faults) => {
  expect(reasons(decideRate({ perSecond, burst }, null))).toEqual(
    faults.map((field) => `input.${field} INVALID_INPUT.OUT_OF_RANGE`),
  );
});

it.each<[string, number | null | undefined, number | null, number | null | 'refused']>([
  ['not said, where it is everybody\'s', undefined, null, null],
  ['not said, where it is its own', undefined, 700, 700],
  ['taken back', null, 700, null],
  ['the least', 100, null, 100],
  ['too little', 99, null, 'refused'],
  ['the most', 100_000, 700, 100_000],
  ['too much', 100_001, 700, 'refused'],
  ['not whole', 100.5, null, 'refused'],
])('a greatest cost of one operation: %s', (_name, costMax, before, expected) => {
  const decision = decideRate({ perSecond: 10, burst: 10, costMax }, before);
  if (expected === 'refused') expect(reasons(decision)).toEqual(['input.costMax INVALID_INPUT.OUT_OF_RANGE']);
  else expect(decision).toEqual({ ok: true, plan: { perSecond: 10, burst: 10, costMax: expected } });
});

it.each([
  [{ perSecond: 10, burst: 20, costMax: 300 }, true],
  [{ perSecond: 11, burst: 20, costMax: 300 }, false],
  [{ perSecond: 10, burst: 21, costMax: 300 }, false],
  [{ perSecond: 10, burst: 20, costMax: null }, false],
])('%j allows as much as before: %s', (rate, expected) => {
  expect(isSameRate({ perSecond: 10, burst: 20, costMax: 300 }, rate)).toBe(expected);
});

describe('a registration', () => {
  const now = new Date('2026-11-28T08:00:00Z');
  const open = { expiresAt: new Date(now.getTime() + 1), usedAt: null };
  it.each([
    ['an open invitation', open, 'ACTIVE PRODUCTION', true],
    ['an open invitation to the sandbox', open, 'ACTIVE SANDBOX', true],
    ['none', undefined, '', false],
    ['none of a partner', undefined, 'ACTIVE PRODUCTION', false],
    ['one of nobody', open, '', false],
    ['one that was used', { ...open, usedAt: now }, 'ACTIVE PRODUCTION', false],
    ['one that ends now', { ...open, expiresAt: now }, 'ACTIVE PRODUCTION', false],
    ['one of a suspended partner', open, 'SUSPENDED PRODUCTION', false],
  ] as const)('with %s: %#', (_what, invitation, partner, expected) => {
    const [status, environment] = partner.split(' ') as [PartnerStatus, PartnerEnvironment];
    const given = partner === '' ? undefined : { status, environment };
    expect(mayRegister(invitation, given, { now, sandboxPartners: true })).toBe(expected);
    expect(mayRegister(invitation, given, { now, sandboxPartners: false })).toBe(expected && environment === 'PRODUCTION');
  });
});

const NOW = new Date('2026-11-28T12:00:00Z');
const key = (kid: string, status: 'ACTIVE' | 'REVOKED' = 'ACTIVE', expiresAt: Date | null = null) => ({
  kid,
  thumbprint: `t-${kid}`,
  status,
  expiresAt,
});
const ended = (kid: string) => key(kid, 'ACTIVE', NOW);
const living = (kid: string) => key(kid, 'ACTIVE', new Date(NOW.getTime() + 1));
const client = (keys = [key('a'), key('b')], status: 'ACTIVE' | 'REVOKED' = 'ACTIVE') => ({
  authentication: 'private_key_jwt' as const,
  status,
  keys,
});

describe('one more key', () => {
  const added = { kid: 'new', authentication: 'private_key_jwt', isHeld: false, addedOfLate: 19 } as const;
  const five = ['a', 'b', 'c', 'd', 'e'].map((kid) => key(kid));
  it.each<[string, Parameters<typeof decideAddition>, string[]]>([
    ['a new one', ['ACTIVE', client(), added], []],
    ['the fifth', ['ACTIVE', client(five.slice(1)), added], []],
    ['the sixth', ['ACTIVE', client(five), added], ['input LIMIT_EXCEEDED.KEYS']],
    ['the twenty-first of a day', ['ACTIVE', client(), { ...added, addedOfLate: 20 }], ['input LIMIT_EXCEEDED.KEYS_A_DAY']],
    ['the fifth beside a revoked one', ['ACTIVE', client([key('r', 'REVOKED'), ...five.slice(1)]), added], []],
    ['one that somebody has', ['ACTIVE', client(), { ...added, isHeld: true }], ['input ALREADY_EXISTS.KEY']],
    ['a kid that the client has', ['ACTIVE', client(), { ...added, kid: 'a' }], ['input ALREADY_EXISTS.KEY']],
    ['a kid that was revoked', ['ACTIVE', client([key('new', 'REVOKED')]), added], ['input ALREADY_EXISTS.KEY']],
    [
      'a certificate for a client with keys',
      ['ACTIVE', client(), { ...added, authentication: 'self_signed_tls_client_auth' }],
      ['input INVALID_INPUT.KEYS_OR_CERTIFICATE'],
    ],
    ['for a suspended partner', ['SUSPENDED', client(), added], ['input NOT_ALLOWED.PARTNER_SUSPENDED']],
    ['for a revoked client', ['ACTIVE', client([], 'REVOKED'), added], ['input NOT_ALLOWED.CLIENT_REVOKED']],
    ['for no client', ['ACTIVE', undefined, added], ['input NOT_FOUND']],
  ])('%s', (_what, given, expected) => {
    expect(reasons(decideAddition(...given))).toEqual(expected);
  });
});

describe('a key that its client retires', () => {
  it.each<[string, [PartnerStatus, ReturnType<typeof client> | undefined, string], string | string[]]>([
    ['one of two', ['ACTIVE', client(), 'a'], 'RETIRE'],
    ['the last', ['ACTIVE', client([key('a')]), 'a'], ['input.kid NOT_ALLOWED.LAST_KEY']],
    [
      'the last beside a revoked one',
      ['ACTIVE', client([key('a'), key('b', 'REVOKED')]), 'a'],
      ['input.kid NOT_ALLOWED.LAST_KEY'],
    ],
    [
      'the last that lives beside one that has ended',
      ['ACTIVE', client([ended('a'), key('b')]), 'b'],
      ['input.kid NOT_ALLOWED.LAST_KEY'],
    ],
    ['one that has ended beside one that lives', ['ACTIVE', client([ended('a'), living('b')]), 'a'], 'RETIRE'],
    ['one beside one that ends a moment later', ['ACTIVE', client([living('a'), key('b')]), 'b'], 'RETIRE'],
    ['one that is retired', ['ACTIVE', client([key('a'), key('b', 'REVOKED')]), 'b'], 'UNCHANGED'],
    ['one that it does not have', ['ACTIVE', client(), 'z'], ['input.kid NOT_FOUND']],
    ['of a suspended partner', ['SUSPENDED', client(), 'a'], ['input NOT_ALLOWED.PARTNER_SUSPENDED']],
    [
      'of a revoked client',
      ['ACTIVE', client([key('a', 'REVOKED')], 'REVOKED'), 'a'],
      ['input NOT_ALLOWED.CLIENT_REVOKED'],
    ],
    ['of no client', ['ACTIVE', undefined, 'a'], ['input NOT_FOUND']],
  ])('%s', (_what, given, expected) => {
    const decision = decideRetirement(...given, NOW);
    expect(decision.ok ? decision.plan : reasons(decision)).toEqual(expected);
  });
});

describe('a key that an operator revokes', () => {
  it.each<[string, [ReturnType<typeof client> | undefined, string], string | string[]]>([
    ['one of two', [client(), 'a'], 'REVOKE'],
    ['the last takes the client with it', [client([key('a'), key('b', 'REVOKED')]), 'a'], 'REVOKE_CLIENT'],
    ['the last that lives beside one that has ended', [client([ended('a'), key('b')]), 'b'], 'REVOKE_CLIENT'],
    ['one that has ended beside one that lives', [client([ended('a'), living('b')]), 'a'], 'REVOKE'],
    ['one beside one that ends a moment later', [client([living('a'), key('b')]), 'b'], 'REVOKE'],
    ['one that is revoked', [client([key('a', 'REVOKED')], 'REVOKED'), 'a'], 'UNCHANGED'],
    ['one that it does not have', [client(), 'z'], ['input.kid NOT_FOUND']],
    ['of no client', [undefined, 'a'], ['input.clientId NOT_FOUND']],
  ])('%s', (_what, given, expected) => {
    const decision = decideRevocation(...given, NOW);
    expect(decision.ok ? decision.plan : reasons(decision)).toEqual(expected);
  });
});
