import { importJWK, jwtVerify } from 'jose';

export type VapidCheck = { ok: true; subject: string; key: string } | { ok: false; status: 401 | 403; cause: string };

const DAY_S = 24 * 60 * 60;
const HEADER = /^vapid\s+t=([\w.-]+)\s*,\s*k=([\w-]+)=*$/i;

/**
 * Checks the Authorization header of a push (RFC 8292): an ES256 token of the sender's key for this origin, valid for at
 * most a day, with a contact. A subscription that names an application server key takes pushes of that key alone.
 */
export async function checkVapid(
  header: string | undefined,
  wanted: { origin: string; key: string | null; now: Date },
): Promise<VapidCheck> {
  const match = HEADER.exec(header ?? '');
  if (!match) return { ok: false, status: 401, cause: 'the Authorization header is not "vapid t=…, k=…"' };
  const [, token = '', key = ''] = match;
  if (wanted.key !== null && wanted.key !== key)
    return { ok: false, status: 403, cause: 'another application server key' };
  const point = Buffer.from(key, 'base64url');
  if (point.length !== 65 || point[0] !== 4)
    return { ok: false, status: 403, cause: 'k is no uncompressed P-256 point' };
  try {
    const jwk = { kty: 'EC', crv: 'P-256', x: point.toString('base64url', 1, 33), y: point.toString('base64url', 33) };
    const { payload } = await jwtVerify(token, await importJWK(jwk, 'ES256'), {
      algorithms: ['ES256'],
      audience: wanted.origin,
      currentDate: wanted.now,
      requiredClaims: ['exp', 'sub'],
    });
    if (payload.exp! - wanted.now.getTime() / 1000 > DAY_S)
      return { ok: false, status: 403, cause: 'exp is over a day away' };
    if (!/^(mailto:|https:)/.test(payload.sub!))
      return { ok: false, status: 403, cause: 'sub is no mailto: or https: address' };
    return { ok: true, subject: payload.sub!, key };
  } catch (error) {
    return { ok: false, status: 403, cause: (error as Error).message };
  }
}
