import { MAILED_CODE_BYTES, mailedCode, readMailedCode } from './mailed-code.domain';

const at = new Date('2026-11-30T12:00:00Z');

it('is four groups of four, kept as its letters, and good for ten minutes', () => {
  expect(mailedCode(Uint8Array.from({ length: MAILED_CODE_BYTES }, (_, n) => n), at)).toEqual({
    code: '0123-4567-89AB-CDEF', letters: '0123456789ABCDEF', expiresAt: new Date('2026-11-30T12:10:00Z'),
  });
});

it.each([['0123 4567 89ab cdef', '0123456789ABCDEF'], ['0123-4567-89AB-CDE', undefined], ['0123-4567-89AB-CDEF0', undefined], ['', undefined]])('%j is read as %s', (text, letters) => {
  expect(readMailedCode(text)).toBe(letters);
});
