import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { KeyEntry } from '../env';
import { type Identity, IDENTITY_LIFETIME_MS, identityKeysFor, signIdentity, takenIdentityKeys, verifyIdentity } from './index';

const key = (id: string): KeyEntry => ({ id, key: randomBytes(32) });
const ours = key('k1');
const ring: readonly [KeyEntry, ...KeyEntry[]] = [ours];
const now = 1_764_000_000_000;
const body = '{"query":"{ viewer { id } }"}';
const identity: Identity = {
  principal: { personId: '0190aaaa-0000-7000-8000-000000000001', sessionId: 's-1', roles: ['CUSTOMER'] },
  locale: 'zh-CN',
  reference: 'a'.repeat(32),
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  address: '192.0.2.7',
};

describe('a signed identity', () => {
  it('comes back whole, for a person and for nobody', () => {
    expect(verifyIdentity(signIdentity(identity, body, ring, now), body, ring, now)).toEqual(identity);
    const nobody = { ...identity, principal: null };
    expect(verifyIdentity(signIdentity(nobody, '', ring, now), '', ring, now)).toEqual(nobody);
  });

  it('is accepted under an older key of the ring, and signed under the first', () => {
    const newer = key('k2');
    const signed = signIdentity(identity, body, ring, now);
    expect(verifyIdentity(signed, body, [newer, ours], now)).toEqual(identity);
    expect(signIdentity(identity, body, [newer, ours], now).split('.')[1]).toBe('k2');
  });

  it.each([
    ['30 s old', IDENTITY_LIFETIME_MS, true],
    ['a moment older', IDENTITY_LIFETIME_MS + 1, false],
    ['from 30 s ahead', -IDENTITY_LIFETIME_MS, true],
    ['from further ahead', -IDENTITY_LIFETIME_MS - 1, false],
  ])('%s', (_name, age, accepted) => {
    const read = verifyIdentity(signIdentity(identity, body, ring, now), body, ring, now + age);
    expect(read).toEqual(accepted ? identity : null);
  });

  const signed = signIdentity(identity, body, ring, now);
  const [version, id, claims, signature] = signed.split('.') as [string, string, string, string];
  const operator = Buffer.from(
    Buffer.from(claims, 'base64url').toString().replace('"CUSTOMER"', '"CUSTOMER","OPERATOR"'),
  ).toString('base64url');
  const stranger = key('k1');

  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['other claims under the old signature', [version, id, operator, signature].join('.')],
    ['a stranger’s key of the same name', signIdentity(identity, body, [stranger], now)],
    ['a key that the ring does not know', signIdentity(identity, body, [{ id: 'k9', key: ours.key }], now)],
    ['another version', ['v2', id, claims, signature].join('.')],
    ['no signature', [version, id, claims, ''].join('.')],
    ['three parts', [version, id, claims].join('.')],
    ['five parts', `${signed}.x`],
    ['a JWT with alg none', `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`],
  ])('is refused: %s', (_name, header) => {
    expect(verifyIdentity(header, body, ring, now)).toBeNull();
  });

  it.each([['another body', `${body} `], ['no body', ''], ['a longer body', body + body]])('is refused with %s', (_name, other) => {
    expect(verifyIdentity(signed, other, ring, now)).toBeNull();
  });

  it('is refused wherever it is cut short', () => {
    for (let length = 0; length < signed.length; length++) {
      expect(verifyIdentity(signed.slice(0, length), body, ring, now)).toBeNull();
    }
  });

  it('is refused, never thrown at, for any text', () => {
    fc.assert(fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
      expect(verifyIdentity(`v1.k1.${a}.${b}`, c, ring, now)).toBeNull();
      expect(verifyIdentity(a, body, ring, now)).toBeNull();
    }));
  });

  const partner = { partnerId: '01a20476-110f-7c1e-8000-000000000001', clientId: '01a20476-110f-7c1e-8000-000000000002', scopes: ['partner:read'] } as const;

  it('of a partner bank comes through, and names no person', () => {
    const bank = { ...identity, principal: null, partner };
    expect(verifyIdentity(signIdentity(bank, body, ring, now), body, ring, now)).toEqual(bank);
  });

  it('says which certificate the client showed at the door', () => {
    const shown = { ...identity, principal: null, certificate: 'c'.repeat(43) };
    expect(verifyIdentity(signIdentity(shown, body, ring, now), body, ring, now)).toEqual(shown);
  });

  it.each([
    ['a person', { ...identity, partner }],
    ['somebody who sets a second factor up', { ...identity, principal: null, settingUp: { personId: 'p', sessionId: 's' }, partner }],
  ])('is refused where a partner bank is also %s', (_name, both) => {
    expect(verifyIdentity(signIdentity(both, body, ring, now), body, ring, now)).toBeNull();
  });
});

describe('A15: the keys of one service', () => {
  const keys: [KeyEntry, ...KeyEntry[]] = [key('k2'), ours];
  const [accounts, merchants] = [identityKeysFor(keys, 'accounts'), identityKeysFor(keys, 'merchants')];

  it('take what is signed for it, under each key of the ring, and nothing that is signed for another or by the ring itself', () => {
    for (const signer of [accounts, identityKeysFor([ours], 'accounts')]) {
      expect(verifyIdentity(signIdentity(identity, body, signer, now), body, accounts, now)).toEqual(identity);
      expect(verifyIdentity(signIdentity(identity, body, signer, now), body, merchants, now)).toBeNull();
    }
    expect(verifyIdentity(signIdentity(identity, body, keys, now), body, accounts, now)).toBeNull();
    expect(verifyIdentity(signIdentity(identity, body, merchants, now), body, keys, now)).toBeNull();
  });

  it('are made of the ring by a service that still has it, so that a gateway of either release is understood; with its own ones it understands the new alone', () => {
    const takes = (given: [KeyEntry, ...KeyEntry[]], signer: [KeyEntry, ...KeyEntry[]]) =>
      verifyIdentity(signIdentity(identity, body, signer, now), body, takenIdentityKeys(given, 'accounts'), now) !== null;
    for (const given of [keys, [...accounts, ...keys] as typeof keys]) expect([takes(given, keys), takes(given, accounts), takes(given, merchants)]).toEqual([true, true, false]);
    expect([takes(accounts, keys), takes(accounts, accounts), takes(accounts, merchants)]).toEqual([false, true, false]);
    expect(takenIdentityKeys(accounts, 'accounts')).toEqual(accounts);
  });

  it('stand beside the ring where a service has both, while the one takes the place of the other', () => {
    const both = [...accounts, ...keys];
    for (const signer of [accounts, keys]) expect(verifyIdentity(signIdentity(identity, body, signer, now), body, both, now)).toEqual(identity);
    expect(new Set(both.map(({ id }) => id)).size).toBe(4);
  });
});
