import { randomBytes } from 'node:crypto';
import { signRequest, verifyRequest } from './http-signature';
import { readSigningKeys, readVerifyingKeys } from './signing-keys';

// What is signed byte for byte, and what is refused of a request with a body, stands in the tests of partner-graph.

const now = Date.parse('2026-11-30T08:00:00Z');
const seed = randomBytes(32);
const { signing, published } = readSigningKeys([{ id: 'k1', key: seed }, { id: 'k2', key: randomBytes(32) }]);
const keys = readVerifyingKeys(published.keys.map(({ kid, x }) => ({ id: String(kid), key: Buffer.from(x!, 'base64url') })));
const url = 'https://bank.example/bank/orders?key=a%20b';

it('reads a key as the standard has it, and tells its public half alone', () => {
  // RFC 8032, 7.1, test 1.
  const secret = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
  const [known] = readSigningKeys([{ id: 'a', key: secret }]).published.keys;
  expect(Buffer.from(known!.x!, 'base64url').toString('hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  expect(known).toEqual({ kty: 'OKP', crv: 'Ed25519', x: known!.x, kid: 'a', alg: 'EdDSA', use: 'sig' });
});

describe('a question without a body', () => {
  it('is known by its public key, and has no digest', async () => {
    const headers = await signRequest({ method: 'GET', url }, signing, now);
    expect(Object.keys(headers).sort()).toEqual(['signature', 'signature-input']);
    expect(await verifyRequest({ method: 'GET', url, headers }, keys, now)).toMatchObject({ ok: true });
  });

  it.each([
    ['asked another way', { method: 'POST' }],
    ['about something else', { url: `${url}c` }],
    ['with a body that nobody signed', { body: '{}', more: { 'content-type': 'application/json', 'content-digest': 'sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:' } }],
  ])('%s is not what was signed', async (_what, { more = {}, ...change }: { method?: string; url?: string; body?: string; more?: Record<string, string> }) => {
    const headers = { ...(await signRequest({ method: 'GET', url }, signing, now)), ...more };
    expect(await verifyRequest({ method: 'GET', url, headers, ...change }, keys, now)).toEqual({ ok: false, reason: 'BAD_SIGNATURE' });
  });
});

describe('a header that must be covered', () => {
  const ask = async (headers: Record<string, string>, change: Record<string, string> = {}) => {
    const signed = await signRequest({ url, body: '{}', headers }, signing, now);
    return verifyRequest({ url, body: '{}', headers: { ...signed, ...change }, covers: ['idempotency-key'] }, keys, now);
  };
  const refused = { ok: false, reason: 'BAD_SIGNATURE' };

  it('is, where it is there', async () => {
    expect(await ask({ 'idempotency-key': 'k' })).toMatchObject({ ok: true });
    expect(await ask({})).toMatchObject({ ok: true });
  });

  it('cannot be changed, added or taken away', async () => {
    expect(await ask({ 'idempotency-key': 'k' }, { 'idempotency-key': 'other' })).toEqual(refused);
    expect(await ask({}, { 'idempotency-key': 'k' })).toEqual(refused);
    const { 'idempotency-key': _gone, ...rest } = await signRequest({ url, body: '{}', headers: { 'idempotency-key': 'k' } }, signing, now);
    expect(await verifyRequest({ url, body: '{}', headers: rest, covers: ['idempotency-key'] }, keys, now)).toEqual(refused);
  });
});

it('is refused under a key of which only the id is the same', async () => {
  const stranger = readSigningKeys([{ id: 'k1', key: randomBytes(32) }]).signing;
  const headers = await signRequest({ method: 'GET', url }, stranger, now);
  expect(await verifyRequest({ method: 'GET', url, headers }, keys, now)).toEqual({ ok: false, reason: 'BAD_SIGNATURE' });
});
