import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { CONSENT_SCOPES, PARTNER_SCOPES } from '@tael/platform/identity';
import { type Adapter, type Client, type Context, errors, type Token } from 'oidc-provider';
import type { PartnerClient } from '../partners/partner-client.service';
import type { SigningKey } from '../sessions/access-token.service';
import { consentClaims, personConfiguration, personMetadata, scopesFor } from './person-authorization.configuration';
import { assertionFault, CLOCK_TOLERANCE } from './client-assertion.domain';

/** How long a partner's access token is good, in seconds. */
export const PARTNER_TOKEN_SECONDS = 300;

/** The claim of the key that a token was got with: where that ends, so does the token. */
export const KEY_CLAIM = 'client_key';

/** What a token says of its partner besides what the provider knows. */
const OWN_CLAIMS = ['partner_id', 'rate', 'environment'];

const ALGORITHMS = ['ES256', 'PS256'];

export interface ProviderSettings {
  readonly issuer: string;
  readonly audience: string;
  /** The first signs, all are published. */
  readonly keys: readonly SigningKey[];
  /** 32 bytes, the same in every instance. */
  readonly nonceSecret: Buffer;
  readonly now: () => Date;
  readonly real: () => Date;
  readonly adapter: (kind: string) => Adapter;
  readonly certificateOf: (request: IncomingMessage) => X509Certificate | undefined;
  /** Which key the client of a request signed in with. */
  readonly keyOf: (ctx: Context) => Promise<string>;
}

/** Gives a client as the provider knows clients. Each is bound in one of two ways, and none has a secret. */
export function clientMetadata(client: PartnerClient): object {
  const { clientId, partnerId, authentication, scopes, keys, rate, environment } = client;
  return {
    client_id: clientId,
    token_endpoint_auth_method: authentication,
    // A copy: the provider writes thumbprints into it.
    jwks: { keys: keys.map((key) => ({ ...key })) },
    ...personMetadata(client),
    ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
    ...(authentication === 'private_key_jwt'
      ? { dpop_bound_access_tokens: true }
      : { tls_client_certificate_bound_access_tokens: true }),
    partner_id: partnerId,
    rate,
    environment,
  };
}

/** The one resource there is. A scope that the client does not have is refused, not left out. */
function resourceServer(settings: ProviderSettings) {
  return (ctx: Context, resource: string, client: Client) => {
    if (resource !== settings.audience) throw new errors.InvalidTarget();
    const asked = [...ctx.oidc!.requestParamScopes];
    const allowed = scopesFor(ctx, (client.scope ?? '').split(' '));
    // What a code or refresh token is good for was asked for before.
    const { grant_type: grant } = ctx.oidc!.params ?? {};
    if (asked.length === 0 && grant !== 'authorization_code' && grant !== 'refresh_token') {
      throw new errors.InvalidScope('a scope must be asked for');
    }
    const beyond = asked.find((one) => !allowed.includes(one));
    if (beyond !== undefined) throw new errors.InvalidScope('requested scope is not allowed', beyond);
    if (asked.includes('transactions:read') && !asked.includes('wallets:read')) {
      throw new errors.InvalidScope('transactions:read goes with wallets:read alone', 'transactions:read');
    }
    return {
      scope: allowed.join(' '),
      audience: settings.audience,
      accessTokenFormat: 'jwt',
      accessTokenTTL: PARTNER_TOKEN_SECONDS,
      jwt: { sign: { alg: 'ES256', kid: settings.keys[0]!.kid } },
    };
  };
}

/** Token times are those of the database, as everywhere in the house; and nothing that is not bound leaves. */
function shapeToken(now: () => Date) {
  return (_ctx: Context, token: Token, { payload }: { payload: Record<string, unknown> }): void => {
    if (!token.isSenderConstrained()) throw new Error('a token would leave that is bound to nothing');
    const issuedAt = Math.floor(now().getTime() / 1_000);
    Object.assign(payload, { iat: issuedAt, exp: issuedAt + PARTNER_TOKEN_SECONDS });
  };
}

function features(settings: ProviderSettings): object {
  const off = { enabled: false };
  return {
    clientCredentials: { enabled: true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true, allowUnregisteredRedirectUris: false },
    fapi: { enabled: true, profile: '2.0' },
    // Not asked for, but answered: programs keep a nonce by host, and bring the one that the graph's door gave them.
    dPoP: { enabled: true, nonceSecret: settings.nonceSecret, requireNonce: () => false },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      selfSignedTlsClientAuth: true,
      getCertificate: (ctx: Context) => settings.certificateOf(ctx.req),
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => settings.audience,
      getResourceServerInfo: resourceServer(settings),
    },
    // All the other doors are shut until somebody needs them.
    devInteractions: off, userinfo: off, rpInitiatedLogout: off, introspection: off,
    revocation: off, registration: off, deviceFlow: off, ciba: off,
  };
}

/** The configuration of the provider: two ways to sign in, two algorithms, one resource. */
export function providerConfiguration(settings: ProviderSettings): object {
  const person = personConfiguration(settings);
  return {
    adapter: settings.adapter,
    jwks: { keys: settings.keys.map(({ kty, crv, x, y, d, kid }) => ({ kty, crv, x, y, d, kid, alg: 'ES256', use: 'sig' })) },
    clientAuthMethods: ['private_key_jwt', 'self_signed_tls_client_auth'],
    enabledJWA: { clientAuthSigningAlgValues: ALGORITHMS, dPoPSigningAlgValues: ALGORITHMS },
    clientDefaults: {
      grant_types: ['client_credentials'], response_types: [], id_token_signed_response_alg: 'ES256',
      token_endpoint_auth_method: 'private_key_jwt',
    },
    extraClientMetadata: { properties: [...OWN_CLAIMS] },
    scopes: [...PARTNER_SCOPES, ...CONSENT_SCOPES],
    claims: {},
    clockTolerance: CLOCK_TOLERANCE,
    features: features(settings),
    formats: { customizers: { jwt: shapeToken(settings.now) } },
    extraTokenClaims: async (ctx: Context, token: Token) => ({
      ...Object.fromEntries(OWN_CLAIMS.map((name) => [name, ctx.oidc!.client![name]])), ...consentClaims(token), [KEY_CLAIM]: await settings.keyOf(ctx),
    }),
    assertJwtClientAuthClaimsAndHeader: (
      _ctx: Context, claims: Record<string, unknown>, header: Record<string, unknown>,
    ): void => {
      const nowSeconds = Math.floor(settings.real().getTime() / 1_000);
      const fault = assertionFault({ claims, header }, { issuer: settings.issuer, nowSeconds });
      if (fault) throw new errors.InvalidClientAuth(fault);
    },
    // Refuses whatever comes from a page: the header `origin` says so.
    clientBasedCORS: () => false,
    ...person,
    ttl: { ...(person['ttl'] as object), ClientCredentials: PARTNER_TOKEN_SECONDS, AccessToken: PARTNER_TOKEN_SECONDS },
    routes: { token: '/token', jwks: '/jwks', authorization: '/authorize', pushed_authorization_request: '/par' },
  };
}
