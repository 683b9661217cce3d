import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { readRecoveryCode, recoveryCode } from './recovery-code.domain';
import { acceptedStep, codeOf, fromBase32, otpauthUri, readTotpCode, stepOf, toBase32 } from './totp.domain';

const RFC_SECRET = Buffer.from('12345678901234567890');

function macOf(step: number): Uint8Array {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  return createHmac('sha1', RFC_SECRET).update(counter).digest();
}

describe('codes', () => {
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('RFC 6238, appendix B: second %i', (second, code) => {
    expect(codeOf(macOf(stepOf(new Date(second * 1_000))), 8)).toBe(code);
  });

  it.each([...['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].entries()])(
    'RFC 4226, appendix D: count %i',
    (count, code) => expect(codeOf(macOf(count))).toBe(code),
  );
});

describe('the step that is accepted', () => {
  const now = new Date(1_000 * 30 * 1_000);
  it.each<[string, number[], number, number | undefined]>([
    ['the present one', [1_000], -1, 1_000],
    ['the one before', [999], -1, 999],
    ['the one after', [1_001], -1, 1_001],
    ['two before is too old', [998], -1, undefined],
    ['two after is too early', [1_002], -1, undefined],
    ['the last one again', [1_000], 1_000, undefined],
    ['an earlier one than the last', [999], 1_000, undefined],
    ['a later one than the last', [1_001], 1_000, 1_001],
    ['the same digits in a step that is not used', [999, 1_000], 999, 1_000],
    ['none', [], -1, undefined],
    ['none, where none was ever taken', [], -2, undefined],
  ])('%s', (_what, fitting, last, expected) => {
    expect(acceptedStep(now, last, (step) => fitting.includes(step))).toBe(expected);
  });

  it('is compared three times, whatever fits', () => {
    const seen: number[] = [];
    acceptedStep(now, -1, (step) => seen.push(step) > 0);
    expect(seen).toEqual([999, 1_000, 1_001]);
  });

  it('is never the same twice, nor an earlier one, however the codes come', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 10 }))), (tries) => {
        const taken: number[] = [];
        for (const [second, step] of tries) {
          const got = acceptedStep(new Date(second * 1_000), taken.at(-1) ?? -1, (candidate) => candidate === step);
          if (got !== undefined) taken.push(got);
        }
        expect(taken).toEqual([...new Set(taken)].sort((a, b) => a - b));
      }),
    );
  });
});

describe('secrets', () => {
  it.each([
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('RFC 4648: %s is %s', (text, base32) => {
    expect(toBase32(Buffer.from(text))).toBe(base32);
    expect(Buffer.from(fromBase32(base32)).toString()).toBe(text);
  });

  it('are read back as they were written', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => expect(fromBase32(toBase32(bytes))).toEqual(bytes)));
  });

  it('stand in a URI that apps read, whatever the account is called', () => {
    const uri = new URL(otpauthUri('MZXW6', 'a+b&issuer=Evil@example.com'));
    expect(uri.searchParams.get('issuer')).toBe('Tael');
    expect(uri.searchParams.get('secret')).toBe('MZXW6');
    expect(decodeURIComponent(uri.pathname)).toMatch(/Tael:a\+b&issuer=Evil@example\.com$/);
  });
});

describe('what somebody types', () => {
  it.each([
    ['123456', '123456'],
    [' 123 456\n', '123456'],
    ['12345', undefined],
    ['1234567', undefined],
    ['１２３４５６', undefined],
    ['12345a', undefined],
    [`123456${' '.repeat(26)}`, '123456'],
    [`123456${' '.repeat(27)}`, undefined],
    ['', undefined],
  ])('%j is the code %s', (text, code) => expect(readTotpCode(text)).toBe(code));

  it.each([
    ['7QK2M-X04TZ', '7QK2MX04TZ'],
    ['7qk2m x04tz', '7QK2MX04TZ'],
    ['7qk2mxO4tz', '7QK2MX04TZ'],
    ['IL-00000000', '1100000000'],
    [`7QK2MX04TZ${' '.repeat(22)}`, '7QK2MX04TZ'],
    [`7QK2MX04TZ${' '.repeat(23)}`, undefined],
    ['7QK2M-X04T', undefined],
    ['7QK2M-X04TU', undefined],
    ['123456', undefined],
    ['', undefined],
  ])('%j is the recovery code %s', (text, code) => expect(readRecoveryCode(text)).toBe(code));

  it('is a recovery code as it was written, and never looks like one of the app', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), (random) => {
        const written = recoveryCode(random);
        expect(readRecoveryCode(written.toLowerCase())).toBe(written.replace('-', ''));
        expect(readTotpCode(written)).toBeUndefined();
      }),
    );
  });
});
