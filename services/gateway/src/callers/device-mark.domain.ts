/** The header in which a client that keeps no cookies gets its mark, and brings it again. */
export const DEVICE_HEADER = 'x-tael-device';

export const MARK_BYTES = 24;
const MARK = /^[\w-]{32}$/;
/** Signing in renews it. Browsers keep nothing for much longer. */
const KEPT_SECONDS = 365 * 24 * 60 * 60;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Names the cookie. With the prefix a browser takes it only from this very host over TLS: no neighbour can plant one. */
export function deviceCookieName(isSecure: boolean): string {
  return isSecure ? '__Host-tael-device' : 'tael-device';
}

/** Writes the cookie. A page never reads it, and another site's page never makes a browser send it. */
export function deviceCookie(mark: string, isSecure: boolean): string {
  const terms = `Path=/; Max-Age=${KEPT_SECONDS}; HttpOnly; SameSite=Strict`;
  return `${deviceCookieName(isSecure)}=${mark}; ${terms}${isSecure ? '; Secure' : ''}`;
}

/** Whether a request comes from a page in a browser: they name their origin with every POST, and no page can keep them from it. */
export function isFromPage(headers: Headers): boolean {
  return headers['origin'] !== undefined || headers['sec-fetch-site'] !== undefined;
}

function markInCookies(cookies: string | undefined, name: string): string | undefined {
  const values = (cookies ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** Gives the mark that a request brings: a browser in its cookie, others there or in their header. What has another form is none. */
export function broughtMark(headers: Headers, isSecure: boolean): string | undefined {
  const { cookie, [DEVICE_HEADER]: told } = headers;
  const kept = markInCookies(typeof cookie === 'string' ? cookie : undefined, deviceCookieName(isSecure));
  const mark = kept ?? (isFromPage(headers) || typeof told !== 'string' ? undefined : told);
  return mark !== undefined && MARK.test(mark) ? mark : undefined;
}
