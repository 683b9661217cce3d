import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { signRequest, verifyRequest } from './request.signature';

const now = Date.parse('2026-11-28T08:00:00Z');
const url = 'https://bank.example/graphql';
const body = '{"query":"{ nordbank { name } }"}';
const ours = generateKeyPairSync('ed25519');
const strange = generateKeyPairSync('ed25519');
const keys = { k1: ours.publicKey };
const key = { id: 'k1', privateKey: ours.privateKey };

describe('a signed request', () => {
  it('is known by its public key', async () => {
    const headers = { ...(await signRequest({ url, body }, key, now)) };
    expect(await verifyRequest({ url, headers, body }, keys, now)).toEqual({ ok: true, nonce: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it('covers the person it is for, where there is one', async () => {
    const headers = { ...(await signRequest({ url, body, subject: 'somebody' }, key, now)) };
    expect(headers).toMatchObject({ 'tael-subject': 'somebody', 'signature-input': expect.stringContaining('"tael-subject"') });
    const reason = { ok: false, reason: 'BAD_SIGNATURE' };
    expect(await verifyRequest({ url, headers, body }, keys, now)).toMatchObject({ ok: true });
    expect(await verifyRequest({ url, headers: { ...headers, 'tael-subject': 'somebody else' }, body }, keys, now)).toEqual(reason);
    const plain = { ...(await signRequest({ url, body }, key, now)), 'tael-subject': 'somebody' };
    expect(await verifyRequest({ url, headers: plain, body }, keys, now)).toEqual(reason);
  });

  it('has a nonce of its own each time', async () => {
    const nonces = await Promise.all([1, 2].map(async () => verifyRequest({ url, headers: { ...(await signRequest({ url, body }, key, now)) }, body }, keys, now)));
    expect(new Set(nonces.map((seen) => (seen.ok ? seen.nonce : ''))).size).toBe(2);
  });

  // The base of the signature, written by hand as RFC 9421, section 2.5, has it: the library alone would agree with itself.
  it('is what the standard says', async () => {
    const headers = await signRequest({ url, body }, key, now);
    const parameters = headers['signature-input'].replace(/^tael=/, '');
    const created = /created=(\d+)/.exec(parameters)?.[1];
    expect(Number(created)).toBe(now / 1000);
    const base = [
      '"@method": POST',
      `"@target-uri": ${url}`,
      '"content-type": application/json',
      `"content-digest": sha-256=:${createHash('sha256').update(body).digest('base64')}:`,
      `"@signature-params": ${parameters}`,
    ].join('\n');
    // Ed25519 signs the same text the same way each time.
    expect(headers.signature).toBe(`tael=:${sign(null, Buffer.from(base), ours.privateKey).toString('base64')}:`);
  });

  const changed = (change: Record<string, string | undefined>) => async () => ({ url, body, headers: { ...(await signRequest({ url, body }, key, now)), ...change } });
  const digest = (text: string) => `sha-256=:${createHash('sha256').update(text).digest('base64')}:`;
  const signedBy = async (other: typeof key, at = now) => ({ url, body, headers: { ...(await signRequest({ url, body }, other, at)) } });

  test.each<[string, string, () => Promise<{ url: string; body: string; headers: Record<string, string | undefined> }>]>([
    ['no signature', 'UNSIGNED', changed({ signature: undefined })],
    ['nothing that says what is signed', 'UNSIGNED', changed({ 'signature-input': undefined })],
    ['another body', 'ANOTHER_BODY', async () => ({ ...(await signedBy(key)), body: `${body} ` })],
    ['another body and its digest', 'BAD_SIGNATURE', async () => ({ url, body: '{}', headers: { ...(await signedBy(key)).headers, 'content-digest': digest('{}') } })],
    ['another address', 'BAD_SIGNATURE', async () => ({ ...(await signedBy(key)), url: 'https://other.example/graphql' })],
    ['another type', 'BAD_SIGNATURE', changed({ 'content-type': 'text/plain' })],
    ['a stranger’s key under our name', 'BAD_SIGNATURE', () => signedBy({ id: 'k1', privateKey: strange.privateKey })],
    ['a key that is not known', 'BAD_SIGNATURE', () => signedBy({ id: 'k2', privateKey: ours.privateKey })],
    ['a key named like a property of every object', 'BAD_SIGNATURE', () => signedBy({ id: 'constructor', privateKey: ours.privateKey })],
    ['a time more than 30 s ago', 'BAD_SIGNATURE', () => signedBy(key, now - 31_000)],
    ['a time more than 30 s ahead', 'BAD_SIGNATURE', () => signedBy(key, now + 31_000)],
    ['no words of ours', 'BAD_SIGNATURE', changed({ 'signature-input': ')(', signature: '::' })],
  ])('with %s is refused: %s', async (_name, reason, make) => {
    expect(await verifyRequest(await make(), keys, now)).toEqual({ ok: false, reason });
  });

  test.each([now - 30_000, now + 30_000])('of %s is taken', async (at) => {
    expect(await verifyRequest(await signedBy(key, at), keys, now)).toMatchObject({ ok: true });
  });

  it('that covers less is refused', async () => {
    const parameters = `("@method" "content-digest");created=${now / 1000};keyid="k1";alg="ed25519";nonce="n"`;
    const base = `"@method": POST\n"content-digest": ${digest(body)}\n"@signature-params": ${parameters}`;
    const signature = sign(null, Buffer.from(base), ours.privateKey).toString('base64');
    const headers = { 'content-type': 'application/json', 'content-digest': digest(body), 'signature-input': `tael=${parameters}`, signature: `tael=:${signature}:` };
    expect(await verifyRequest({ url, headers, body }, keys, now)).toEqual({ ok: false, reason: 'BAD_SIGNATURE' });
  });

  it('with a second signature is refused', async () => {
    const first = await signRequest({ url, body }, key, now);
    const second = await signRequest({ url, body }, key, now);
    const headers = {
      ...first,
      'signature-input': `${first['signature-input']}, ${second['signature-input'].replace('tael=', 'more=')}`,
      signature: `${first.signature}, ${second.signature.replace('tael=', 'more=')}`,
    };
    expect(await verifyRequest({ url, headers, body }, keys, now)).toEqual({ ok: false, reason: 'BAD_SIGNATURE' });
  });
});
