import fc from 'fast-check';
import { createProofMemory } from './proof.memory';
import { createProofNonces } from './proof.nonces';

describe('the memory of proofs', () => {
  const proof = (jti: string, expiresAt = 60_000, thumbprint = 'a') => ({ jti, expiresAt, thumbprint });

  test('takes each once, a key', () => {
    const memory = createProofMemory();
    expect([memory.take(proof('1'), 0), memory.take(proof('1'), 0), memory.take(proof('2'), 0)]).toEqual(['taken', 'replayed', 'taken']);
    expect(memory.take(proof('1', 60_000, 'b'), 0)).toBe('taken');
  });

  test('refuses rather than forgets, and has room again when the time of the old ones is over', () => {
    const memory = createProofMemory({ max: 3, perKeyMax: 2 });
    expect([memory.take(proof('1', 1_000), 0), memory.take(proof('2'), 0), memory.take(proof('3'), 0)]).toEqual(['taken', 'taken', 'full']);
    expect(memory.take(proof('3', 60_000, 'b'), 0)).toBe('taken');
    expect(memory.take(proof('4', 60_000, 'c'), 0)).toBe('full');
    expect(memory.take(proof('1', 1_000), 1_000)).toBe('replayed');
    expect([memory.take(proof('3'), 2_000), memory.size()]).toEqual(['taken', 3]);
  });

  test('whatever comes when: none is taken twice before its end, and what is over is forgotten', () => {
    const step = fc.record({ jti: fc.constantFrom('a', 'b', 'c', 'd'), pause: fc.integer({ min: 0, max: 40_000 }), life: fc.integer({ min: 0, max: 120_000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const memory = createProofMemory();
        const ends = new Map<string, number>();
        let now = 0;
        for (const { jti, pause, life } of steps) {
          now += pause;
          const isOpen = (ends.get(jti) ?? -1) >= now;
          const taken = memory.take(proof(jti, now + life), now);
          if (isOpen) expect(taken).toBe('replayed');
          if (taken === 'taken') ends.set(jti, now + life);
        }
        memory.take(proof('last', now + 200_000), now + 200_000);
        expect(memory.size()).toBe(1);
      }),
    );
  });
});

describe('nonces', () => {
  const nonces = createProofNonces();
  const nonce = nonces.make(1_000_000);

  test.each([
    [0, 'fresh'],
    [150_000, 'fresh'],
    [150_001, 'old'],
    [300_000, 'old'],
    [300_001, 'none'],
    [-1, 'none'],
  ])('after %d ms one is %s', (after, age) => expect(nonces.ageOf(nonce, 1_000_000 + after)).toBe(age));

  test('of another gateway, or another time, are none', () => {
    expect(createProofNonces().ageOf(nonce, 1_000_000)).toBe('none');
    const [, signature] = nonce.split('.');
    for (const forged of [`${(1_000_001).toString(36)}.${signature}`, `${nonce}x`, nonce.slice(0, -1), signature, '', undefined, 7]) {
      expect(nonces.ageOf(forged, 1_000_001)).toBe('none');
    }
  });
});
