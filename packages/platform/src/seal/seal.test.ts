import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { createSealer } from './index';

const first = { id: 's1', key: randomBytes(32) };
const second = { id: 's2', key: randomBytes(32) };
const sealer = createSealer([first]);

describe('the sealer', () => {
  it('opens what it sealed, for the same owner, for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.uuid(), (plain, owner) => {
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

  it('looks up by the oldest key wherever it stands in the ring, and by the last where ids have no numbers', () => {
    const name = sealer.blindIndex('alice@example.test', 'email');
    const third = { id: 's10', key: randomBytes(32) };
    for (const ring of [[first, second], [second, first], [second, first, third], [third, second, first]] as const)
      expect(createSealer([...ring]).blindIndex('alice@example.test', 'email')).toBe(name);
    const named = createSealer([{ id: 'blue', key: second.key }, { id: 'red', key: first.key }]);
    expect(named.blindIndex('alice@example.test', 'email')).toBe(name);
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

  it('keeps its names when a key is added in front', () => {
    expect(createSealer([second, first]).blindIndex('x', 'email')).toBe(sealer.blindIndex('x', 'email'));
  });
});
