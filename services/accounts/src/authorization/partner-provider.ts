import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { CONSENT_SCOPES, PARTNER_SCOPES } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { isAway } from '@tael/platform/postgres';
import { type Context, Provider, type ProviderError } from 'oidc-provider';
import type { PartnerClient, PartnerClientService } from '../partners/partner-client.service';
import type { SigningKey } from '../sessions/access-token.service';
import type { AuthorizationArtifactService } from './authorization-artifact.service';
import type { AuthorizationStateService } from './authorization-state.service';
import { providerStorage } from './provider-storage';
import type { ConsentService } from '../consents/consent.service';
import { keyOfSignIn } from './client-key';
import { consentCookies } from './consent-cookies';
import { KEY_CLAIM, providerConfiguration } from './partner-provider.configuration';
import { answerByPage } from './person-authorization.configuration';

/** What of the metadata is true here; the provider would also tell of doors that are shut. */
const METADATA = [
  'issuer', 'token_endpoint', 'jwks_uri', 'grant_types_supported', 'response_types_supported', 'scopes_supported',
  'token_endpoint_auth_methods_supported', 'token_endpoint_auth_signing_alg_values_supported',
  'dpop_signing_alg_values_supported', 'tls_client_certificate_bound_access_tokens',
  'authorization_endpoint', 'pushed_authorization_request_endpoint', 'require_pushed_authorization_requests',
  'code_challenge_methods_supported', 'authorization_response_iss_parameter_supported',
] as const;

const REFUSED = { error: 'invalid_client', error_description: 'client authentication failed' };
const AWAY = { error: 'temporarily_unavailable' };

export interface PartnerProviderParts {
  readonly issuer: string;
  /** Where clients with certificates ask. */
  readonly tlsIssuer: string | undefined;
  readonly audience: string;
  readonly keys: readonly SigningKey[];
  readonly nonceSecret: Buffer;
  readonly partnerClients: PartnerClientService;
  readonly artifacts: AuthorizationArtifactService;
  readonly states: AuthorizationStateService;
  readonly consents: ConsentService;
  readonly certificateOf: (request: IncomingMessage) => X509Certificate | undefined;
  /** Is told of a client that did not sign in, and waited for: it is counted before whoever asked knows. */
  readonly onRefused: (request: IncomingMessage) => Promise<void>;
  readonly now: () => Date;
  readonly real: () => Date;
  readonly log: Logger;
}

/** Which client a request was found to name. */
export type Seen = WeakMap<object, PartnerClient>;

/** Looks once more whether the client is still what it was, and notes the token; see {@link PartnerClientService.isUnchanged}. */
async function release(ctx: Context, { partnerClients, log }: PartnerProviderParts, seen: Seen): Promise<void> {
  const client = seen.get(ctx)!;
  const { clientId, partnerId } = client;
  const { jti, extra } = (ctx.oidc!.entities.ClientCredentials ?? ctx.oidc!.entities.AccessToken)!;
  const kid = extra?.[KEY_CLAIM];
  if (await partnerClients.isUnchanged(client, kid)) {
    log.info({ clientId, partnerId, kid, jti }, 'a partner token was issued');
    return;
  }
  log.info({ clientId, partnerId }, 'a partner token was held back: the client was changed meanwhile');
  Object.assign(ctx, { status: 401, body: REFUSED });
}

/** Where clients with certificates find what they sign in at (RFC 8705, 5). */
function tlsAliases(issuer: string | undefined): object {
  if (issuer === undefined) return {};
  const base = issuer.replace(/\/$/, '');
  return { mtls_endpoint_aliases: { token_endpoint: `${base}/token`, pushed_authorization_request_endpoint: `${base}/par` } };
}

function finish(parts: PartnerProviderParts, seen: Seen) {
  return async (ctx: Context, next: () => Promise<void>): Promise<void> => {
    await next();
    const route = ctx.oidc?.route;
    if (route === 'token' && ctx.status === 200) await release(ctx, parts, seen);
    if ((route === 'token' || route === 'pushed_authorization_request') && ctx.status === 401) await parts.onRefused(ctx.req);
    dropSessionCookie(ctx, consentCookies(parts.issuer).names.session);
    if (route === 'discovery') {
      const all: Record<string, unknown> = { ...(ctx.body as object), scopes_supported: [...PARTNER_SCOPES, ...CONSENT_SCOPES] };
      ctx.body = { ...Object.fromEntries(METADATA.map((name) => [name, all[name]])), ...tlsAliases(parts.tlsIssuer) };
    }
    // Tokens are for the servers of banks: no page of any origin may read what is said here.
    for (const header of ['access-control-allow-origin', 'access-control-expose-headers']) ctx.remove(header);
    if ((route === 'jwks' || route === 'discovery') && ctx.status === 200) ctx.set('cache-control', 'public, max-age=300');
  };
}

/** Nobody stays signed in here: the provider's own session is kept nowhere, so its cookie means nothing. */
function dropSessionCookie(ctx: Context, name: string): void {
  const cookies = [ctx.response.get('set-cookie')].flat().filter(Boolean);
  const kept = cookies.filter((cookie) => !cookie.startsWith(`${name}=`));
  if (kept.length === cookies.length) return;
  ctx.remove('set-cookie');
  if (kept.length > 0) ctx.set('set-cookie', kept);
}

/** Answers a fault: the database's absence as such, anything else with nothing of the inside. */
function answerFault(ctx: Context, error: Error, log: Logger): void {
  const away = isAway(error);
  log[away ? 'warn' : 'error']({ error }, 'a partner token could not be issued');
  const body = away ? AWAY : { error: 'server_error' };
  ctx.status = away ? 503 : 500;
  if (!answerByPage(ctx, body.error)) ctx.body = body;
  if (away) ctx.set('retry-after', '1');
}

/** Makes the authorization server of partner banks. The provider takes its address from the request: see the door. */
export function createPartnerProvider(parts: PartnerProviderParts): Provider {
  const { log } = parts;
  const seen: Seen = new WeakMap();
  const keyOf = (ctx: Context): Promise<string> =>
    keyOfSignIn(seen.get(ctx)!, { assertion: ctx.oidc!.params?.['client_assertion'], certificate: parts.certificateOf(ctx.req) });
  const provider = new Provider(parts.issuer, providerConfiguration({ ...parts, keyOf, adapter: providerStorage(parts, seen) }));
  provider.proxy = true;
  provider.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      answerFault(ctx, error as Error, log);
    }
  });
  provider.use(finish(parts, seen));
  provider.on('server_error', (ctx, error) => answerFault(ctx, error, log));
  provider.on('grant.error', (ctx, error: ProviderError) => {
    const clientId = seen.get(ctx)?.clientId;
    log.info({ clientId, refusal: error.message, detail: error.error_detail }, 'a partner token was refused');
  });
  for (const event of ['authorization.error', 'pushed_authorization_request.error'] as const) {
    provider.on(event, (ctx, error: ProviderError) => {
      log.info({ clientId: seen.get(ctx)?.clientId, refusal: error.message, detail: error.error_detail }, 'a request for consent was refused');
    });
  }
  provider.on('error', (error) => log.error({ error }, 'the authorization server had a fault'));
  return provider;
}
