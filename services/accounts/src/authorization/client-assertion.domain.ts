/** How far ahead of ours a bank's clock may be, and how late a message; FAPI 2.0 asks for at least that. In seconds. */
export const CLOCK_TOLERANCE = 10;
/** The longest an assertion may be good for, in seconds. */
export const ASSERTION_SECONDS_MAX = 300;

/** What `typ` may say: nothing, or that it is for this. A JWT of another type was signed for something else. */
const TYPES = new Set(['jwt', 'client-authentication+jwt']);

/** What is wrong with a client assertion whose signature, issuer and expiry are right already; undefined where nothing is. */
export function assertionFault(
  { claims, header }: { claims: Readonly<Record<string, unknown>>; header: Readonly<Record<string, unknown>> },
  { issuer, nowSeconds }: { issuer: string; nowSeconds: number },
): string | undefined {
  const { typ } = header;
  if (typ !== undefined && !(typeof typ === 'string' && TYPES.has(typ.toLowerCase()))) return 'it is a JWT of another type';
  // Not the token endpoint and no list: what was meant for another server, too, could be passed on by it.
  if (claims['aud'] !== issuer) return 'its audience is not the issuer alone';
  const { exp, iat } = claims;
  if (typeof exp !== 'number' || exp > nowSeconds + ASSERTION_SECONDS_MAX + CLOCK_TOLERANCE) return 'it is good for too long';
  if (iat !== undefined && !(typeof iat === 'number' && iat <= nowSeconds + CLOCK_TOLERANCE)) return 'it was made in the future';
  return undefined;
}
