import { generateKeyPairSync, sign } from 'node:crypto';
import { isGenuine, publicKeyOf, type SignedMessage } from './notice.signature';

const pairs = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')] as const;
const textOf = (n: number) => `whpk_${pairs[n]!.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`;
const keys = [publicKeyOf(textOf(0))!, publicKeyOf(textOf(1))!];
const now = new Date('2026-11-29T12:00:00Z');
const seconds = now.getTime() / 1_000;

function message(change: Partial<SignedMessage> = {}, { at = seconds, by = [0] }: { at?: number; by?: number[] } = {}): SignedMessage {
  const body = '{"type":"charge.succeeded"}';
  const signatures = by.map((n) => `v1a,${sign(null, Buffer.from(`n-1.${at}.${body}`), pairs[n]!.privateKey).toString('base64')}`);
  return { id: 'n-1', timestamp: String(at), signature: signatures.join(' '), body, ...change };
}

describe('A19: a signed notice', () => {
  it.each<[string, SignedMessage, boolean]>([
    ['as it was sent', message(), true],
    ['by the other key that we know', message({}, { by: [1] }), true],
    ['by a new key and an old one', message({}, { by: [2, 0] }), true],
    ['by a key that we do not know', message({}, { by: [2] }), false],
    ['with another body', message({ body: '{"type":"charge.disputed"}' }), false],
    ['with a space more in the body', message({ body: '{"type":"charge.succeeded"} ' }), false],
    ['under another id', message({ id: 'n-2' }), false],
    ['at another time', message({ timestamp: String(seconds + 1) }), false],
    ['five minutes old', message({}, { at: seconds - 300 }), true],
    ['older', message({}, { at: seconds - 301 }), false],
    ['five minutes ahead', message({}, { at: seconds + 300 }), true],
    ['further ahead', message({}, { at: seconds + 301 }), false],
    ['without a signature', message({ signature: '' }), false],
    ['with a signature that is none', message({ signature: 'v1a,AAAA' }), false],
    ['with one of another scheme', message({ signature: message().signature.replace('v1a', 'v1') }), false],
    ['with the right one behind more than anybody needs', message({ signature: `${'v1a,AAAA '.repeat(5)}${message().signature}` }), false],
    ['without a time', message({ timestamp: '' }), false],
    ['with a time that is none', message({ timestamp: '1e9' }), false],
  ])('%s: %#', (_what, given, genuine) => {
    expect(isGenuine(given, keys, now)).toBe(genuine);
  });

  it('is nobody’s where there are no keys', () => {
    expect(isGenuine(message(), [], now)).toBe(false);
  });

  it.each(['', 'whpk_', `whsec_${textOf(0).slice(5)}`, textOf(0).slice(0, -1), `${textOf(0)}=`])('%j is no key', (text) => {
    expect(publicKeyOf(text)).toBeUndefined();
  });
});
