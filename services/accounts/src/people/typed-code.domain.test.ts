import fc from 'fast-check';
import { readTypedCode, typedCode } from './typed-code.domain';

it('what is written is read again, however people type it', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (random) => {
    const written = typedCode(random, 4);
    expect(written).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
    const kept = written.replaceAll('-', '');
    for (const typed of [written, written.toLowerCase(), kept, ` ${written.replaceAll('-', ' ')} `, kept.replaceAll('0', 'o').replaceAll('1', 'l')]) {
      expect(readTypedCode(typed, 16)).toBe(kept);
    }
  }));
});

it('each letter has the chance of any other', () => {
  const all = typedCode(Uint8Array.from({ length: 256 }, (_, byte) => byte), 256);
  const counts = new Map<string, number>();
  for (const letter of all) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  expect([counts.size, new Set(counts.values())]).toEqual([32, new Set([8])]);
});

it.each([['', 16], ['0123-4567-89AB-CDE', 16], ['0123-4567-89AB-CDEFG', 16], ['0123-4567-89AB-CDEU', 16], ['0123-4567-89AB-CDE!', 16], ['0'.repeat(33), 33]])(
  '%j is no code of %i letters', (text, length) => expect(readTypedCode(text, length)).toBeUndefined(),
);
