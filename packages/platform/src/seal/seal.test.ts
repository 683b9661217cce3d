import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { metricsText } from '../metrics';
import { createSealer, fingerprintOf, fingerprintsOf, isFingerprintOf, oldestOf, SealKeyRetired, wrapFingerprint } from './index';

/** Any character, and halves of one: fast-check's `binary` has no halves, and takes seconds to begin. */
const anySign = fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0xd800, max: 0xdfff })).map((code) => String.fromCodePoint(code));

const first = { id: 's1', key: randomBytes(32) };
const second = { id: 's2', key: randomBytes(32) };
const sealer = createSealer([first]);

describe('the sealer', () => {
  it('opens what it sealed, for the same owner, for any text', () => {
    fc.assert(fc.property(fc.string({ unit: anySign }), fc.uuid(), (plain, owner) => {
      expect(sealer.open(sealer.seal(plain, owner), owner)).toBe(Buffer.from(plain).toString());
    }));
  });

  it('shows nothing of the plain text, and no two seals alike', () => {
    const one = sealer.seal('alice@example.test', 'owner');
    expect(one).not.toContain('alice');
    expect(Buffer.from(one.split('.')[3]!, 'base64url').toString('latin1')).not.toContain('alice');
    expect(sealer.seal('alice@example.test', 'owner')).not.toBe(one);
  });

  it('does not open another owner’s seal', () => {
    const sealed = sealer.seal('secret', 'alice');
    expect(() => sealer.open(sealed, 'bob')).toThrow();
    expect(() => sealer.open(sealed, '')).toThrow();
  });

  it('does not open under another key, also one of the same name', () => {
    const sealed = sealer.seal('secret', 'alice');
    expect(() => createSealer([second]).open(sealed, 'alice')).toThrow('names no key');
    expect(() => createSealer([{ id: 's1', key: second.key }]).open(sealed, 'alice')).toThrow();
  });

  it('seals under the first key of the ring and opens under all', () => {
    const old = sealer.seal('secret', 'alice');
    const rotated = createSealer([second, first]);
    expect(rotated.open(old, 'alice')).toBe('secret');
    expect(rotated.seal('secret', 'alice').split('.')[1]).toBe('s2');
  });

  it('names by the first key and knows the names of all, the first key’s first', () => {
    const third = { id: 's10', key: randomBytes(32) };
    const by = (key: typeof first) => createSealer([key]).blindIndex('alice@example.test', 'email');
    const ring = createSealer([third, first, second]);
    expect(ring.blindIndexes('alice@example.test', 'email')).toEqual([by(third), by(first), by(second)]);
    expect(ring.blindIndex('alice@example.test', 'email')).toBe(by(third));
    expect([ring.keyId, ring.oldKeyIds]).toEqual(['s10', ['s1', 's2']]);
  });

  it('any two rings one step of a rotation apart have a name in common, under which each names', () => {
    const retired = { id: 's1', key: null };
    const stages = [[first], [first, second], [second, first], [second, retired]] as const;
    for (const [index, stage] of stages.slice(1).entries()) {
      const [one, other] = [createSealer(stages[index]!), createSealer(stage)];
      const names = other.blindIndexes('x', 'email');
      expect(one.blindIndexes('x', 'email').some((name) => names.includes(name))).toBe(true);
      expect(names).toContain(one.blindIndex('x', 'email'));
      expect(one.blindIndexes('x', 'email')).toContain(other.blindIndex('x', 'email'));
    }
  });

  it('says of what was sealed under a retired key that it never opens again, and of an unknown key that it does not know it', () => {
    const sealed = sealer.seal('secret', 'alice');
    const after = createSealer([second, { id: 's1', key: null }]);
    expect(() => after.open(sealed, 'alice')).toThrow(SealKeyRetired);
    expect([after.isLost(sealed), createSealer([second]).isLost(sealed), after.isLost(after.seal('x', 'y'))]).toEqual([true, false, false]);
    expect(() => createSealer([second]).open(sealed, 'alice')).toThrow('names no key');
    expect([after.keyId, after.oldKeyIds]).toEqual(['s2', []]);
  });

  it('takes the key with the smallest number for the oldest, wherever it stands, and the last where ids have no numbers', () => {
    const third = { id: 's10', key: randomBytes(32) };
    for (const ring of [[first, second], [second, first], [second, first, third], [third, second, first]] as const)
      expect(oldestOf([...ring])).toBe(first);
    expect(oldestOf([{ id: 'blue', key: second.key }, { id: 'red', key: first.key }]).id).toBe('red');
  });

  it('does not open where any part was changed or cut', () => {
    const sealed = sealer.seal('secret', 'alice');
    const [version, id, nonce, bodyText] = sealed.split('.') as [string, string, string, string];
    const body = Buffer.from(bodyText, 'base64url');
    for (let at = 0; at < body.length; at++) {
      const changed = Buffer.from(body);
      changed[at]! ^= 1;
      expect(() => sealer.open([version, id, nonce, changed.toString('base64url')].join('.'), 'alice')).toThrow();
      expect(() => sealer.open([version, id, nonce, body.subarray(0, at).toString('base64url')].join('.'), 'alice')).toThrow();
    }
    expect(() => sealer.open(['v2', id, nonce, bodyText].join('.'), 'alice')).toThrow();
    expect(() => sealer.open('', 'alice')).toThrow();
  });

  it('names a value alike for one purpose, differently for another, another key, another value', () => {
    const name = sealer.blindIndex('alice@example.test', 'email');
    expect(sealer.blindIndex('alice@example.test', 'email')).toBe(name);
    expect(sealer.blindIndex('alice@example.test', 'phone')).not.toBe(name);
    expect(sealer.blindIndex('bob@example.test', 'email')).not.toBe(name);
    expect(createSealer([second]).blindIndex('alice@example.test', 'email')).not.toBe(name);
  });
});

describe('what a key has sealed', () => {
  const told = async (ring: string, key: string): Promise<number> =>
    Number(new RegExp(`^tael_seals_total\\{ring="${ring}",key="${key}"\\} (\\d+)$`, 'm').exec(await metricsText())?.[1]);

  it('is counted by the key that sealed, in all sealers of a process together, and opening and naming count as nothing', async () => {
    const [old, fresh] = [{ id: 'c1', key: randomBytes(32) }, { id: 'c2', key: randomBytes(32) }];
    const sealed = [createSealer([old]), createSealer([old])].map((each) => each.seal('text', 'owner'));
    const turned = createSealer([fresh, old]);
    expect(sealed.map((text) => turned.open(text, 'owner'))).toEqual(['text', 'text']);
    turned.blindIndexes('text', 'purpose');
    turned.seal('text', 'owner');
    expect([await told('seal', 'c1'), await told('seal', 'c2')]).toEqual([2, 1]);
  });

  it('is counted apart for each ring: keys of two rings may have one name', async () => {
    const key = { id: 'c3', key: randomBytes(32) };
    createSealer([key]).seal('text', 'owner');
    fingerprintOf(createSealer([key], 'fingerprint'), 'value', 'owner');
    fingerprintOf(createSealer([key], 'fingerprint'), 'value', 'owner');
    expect([await told('seal', 'c3'), await told('fingerprint', 'c3')]).toEqual([1, 2]);
  });

  it('is told from the start, so that the first of them are in a rate too', async () => {
    createSealer([{ id: 'c4', key: randomBytes(32) }]);
    expect(await told('seal', 'c4')).toBe(0);
  });
});

describe('a fingerprint', () => {
  it('knows its value again and no other, under every key of the ring that opens', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (value, other) => {
      const made = fingerprintOf(sealer, value, 'owner');
      const rotated = createSealer([second, first]);
      expect(isFingerprintOf(rotated, made, value, 'owner')).toBe(true);
      expect(isFingerprintOf(rotated, made, other, 'owner')).toBe(value === other);
    }));
  });

  it('is never the same twice, and shows nothing to who has the old key and not the new one', () => {
    const [one, two] = [fingerprintOf(sealer, 'value', 'owner'), fingerprintOf(sealer, 'value', 'owner')];
    expect(one.mac.equals(two.mac)).toBe(false);
    const resealed = { ...one, key: createSealer([second, first]).seal(sealer.open(one.key, 'owner'), 'owner') };
    expect(isFingerprintOf(createSealer([second]), resealed, 'value', 'owner')).toBe(true);
    expect(() => isFingerprintOf(sealer, resealed, 'value', 'owner')).toThrow();
    expect(() => isFingerprintOf(sealer, one, 'value', 'somebody else')).toThrow();
  });

  it('of several values stands under one key, each for its own value alone', () => {
    const { macs: [one, two], key } = fingerprintsOf(sealer, ['one', 'two'], 'owner');
    const is = (mac: Buffer, value: string) => isFingerprintOf(sealer, { mac, key }, value, 'owner');
    expect([is(one!, 'one'), is(one!, 'two'), is(two!, 'two'), is(two!, 'one')]).toEqual([true, false, true, false]);
  });

  it('is made of a plain HMAC without the value, and the HMAC does not stand in it', () => {
    const key = randomBytes(32);
    const mac = createHmac('sha256', key).update('value').digest();
    const wrapped = wrapFingerprint(sealer, { mac, key }, 'owner');
    expect(wrapped.mac.equals(mac)).toBe(false);
    expect(isFingerprintOf(sealer, wrapped, 'value', 'owner')).toBe(true);
    expect(isFingerprintOf(sealer, wrapped, 'other', 'owner')).toBe(false);
  });
});
