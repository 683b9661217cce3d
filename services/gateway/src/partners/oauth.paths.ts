/** A door of the authorization server. */
export interface OAuthPath {
  readonly methods: readonly ('GET' | 'POST')[];
  /** Where it is at accounts. */
  readonly path: string;
  /** Whether people come here with a browser; banks' servers do everywhere else. */
  readonly browsers: boolean;
}

const BASE = '/partner/oauth';
const METADATA = `${BASE}/.well-known/oauth-authorization-server`;

const server = (method: 'GET' | 'POST', path: string): OAuthPath => ({ methods: [method], path, browsers: false });

/** What of the authorization server is open to the outside: a path that is not here is not there. */
const PATHS: Readonly<Record<string, OAuthPath>> = {
  [`${BASE}/token`]: server('POST', `${BASE}/token`),
  [`${BASE}/par`]: server('POST', `${BASE}/par`),
  [`${BASE}/jwks`]: server('GET', `${BASE}/jwks`),
  [`${BASE}/.well-known/openid-configuration`]: server('GET', `${BASE}/.well-known/openid-configuration`),
  [METADATA]: server('GET', METADATA),
  // Where RFC 8414 looks for it: the issuer has a path.
  [`/.well-known/oauth-authorization-server${BASE}`]: server('GET', METADATA),
  [`${BASE}/authorize`]: { methods: ['GET'], path: `${BASE}/authorize`, browsers: true },
};

/** One visit of a person: where they are asked, and where they come by with their answer. */
const VISIT = new RegExp(`^${BASE}/(authorize|consent)/[\\w-]{20,64}$`);

/** Gives the door behind a path; undefined where there is none. */
export function oauthPath(path: string): OAuthPath | undefined {
  if (Object.hasOwn(PATHS, path)) return PATHS[path];
  const [, kind] = VISIT.exec(path) ?? [];
  if (kind === undefined) return undefined;
  return { methods: kind === 'consent' ? ['GET', 'POST'] : ['GET'], path, browsers: true };
}

/** What a browser says of a request. */
export interface BrowserHeaders {
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | undefined;
  readonly 'sec-fetch-mode'?: string | undefined;
  readonly 'sec-fetch-dest'?: string | undefined;
}

/**
 * Says whether a browser asks as it does where a person goes to a page, and for POST from a page of ours. Other requests are made
 * by scripts and frames of others.
 */
export function isVisit(method: string, headers: BrowserHeaders, own: string): boolean {
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers;
  if ((mode !== undefined && mode !== 'navigate') || (dest !== undefined && dest !== 'document')) return false;
  if (method === 'GET') return true;
  if (site !== undefined) return site === 'same-origin';
  // Pages that send no referrer name no origin either.
  return origin === undefined || origin === 'null' || origin === own;
}
