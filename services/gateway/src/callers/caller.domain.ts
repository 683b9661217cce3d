const LOCALE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/;
const DEFAULT_LOCALE = 'en';

/** Gives the language that a request asks for first (Accept-Language), or undefined. */
export function preferredLocale(acceptLanguage: string | undefined): string | undefined {
  if (!acceptLanguage || acceptLanguage.length > 200) return undefined;
  const wishes = acceptLanguage.split(',').map((part, index) => {
    const [tag = '', ...parameters] = part.trim().split(';');
    const weight = parameters.map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1]).find(Boolean);
    return { tag: tag.trim(), weight: weight === undefined ? 1 : Number(weight), index };
  });
  const usable = wishes.filter((wish) => wish.weight > 0 && LOCALE.test(wish.tag));
  return usable.sort((a, b) => b.weight - a.weight || a.index - b.index)[0]?.tag;
}

/** Gives the locale of a request: the person's own, else what the request asks for, else English. */
export function localeOf(token: string | undefined, acceptLanguage: string | undefined): string {
  return (token && LOCALE.test(token) ? token : undefined) ?? preferredLocale(acceptLanguage) ?? DEFAULT_LOCALE;
}

/**
 * Gives the client's address. `hops` proxies of ours append to X-Forwarded-For, so the entry that the outermost of them
 * wrote is the client; everything left of it is the client's own claim and is not believed.
 */
export function clientAddress(peer: string | undefined, forwardedFor: string | undefined, hops: number): string {
  const entries =
    forwardedFor
      ?.split(',')
      .map((entry) => entry.trim())
      .filter(Boolean) ?? [];
  const told = hops > 0 ? entries[entries.length - hops] : undefined;
  return (told ?? peer ?? '').replace(/^::ffff:/, '').slice(0, 45);
}

/** Gives the token of an Authorization header: undefined for none, null for one of another kind. */
export function bearerToken(header: string | undefined): string | undefined | null {
  if (header === undefined || header.trim() === '') return undefined;
  return /^Bearer +([A-Za-z0-9._~+/=-]+)\s*$/i.exec(header)?.[1] ?? null;
}
