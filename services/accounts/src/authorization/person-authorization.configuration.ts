import { CONSENT_SCOPES } from '@tael/platform/identity';
import { type Context, errors, interactionPolicy, type Token } from 'oidc-provider';
import type { PartnerClient } from '../partners/partner-client.service';
import { consentDays } from '../consents/consent.domain';
import { consentCookies } from './consent-cookies';
import { errorPage } from './consent-page.view';

/** How long a person may take, from the bank's page to their answer, in seconds. */
export const INTERACTION_SECONDS = 600;
const CODE_SECONDS = 60;

/** Where the page is that asks a person, under the issuer. */
export const CONSENT_PATH = '/consent';

export const isForPersons = ({ redirectUris, scopes }: Pick<PartnerClient, 'redirectUris' | 'scopes'>): boolean =>
  redirectUris.length > 0 && scopes.some((scope) => isConsentScope(scope));

export const isConsentScope = (scope: string): boolean => (CONSENT_SCOPES as readonly string[]).includes(scope);

/** What a client may do about persons' data: by codes alone, sent back to addresses of its own. */
export function personMetadata(client: PartnerClient): object {
  if (!isForPersons(client)) return { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };
  return {
    grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [...client.redirectUris],
    require_pushed_authorization_requests: true,
  };
}

/** Which scopes a request of this kind may ask for: a person's data by a code, a bank's own by itself. Never both. */
export function scopesFor(ctx: Context, of: readonly string[]): string[] {
  const own = ctx.oidc!.params?.['grant_type'] === 'client_credentials';
  return of.filter((scope) => isConsentScope(scope) !== own);
}

/** Everything is asked anew each time: that somebody said yes once says nothing about the next request. */
function policy(): object {
  const { Prompt, Check } = interactionPolicy;
  return [
    new Prompt(
      { name: 'consent', requestable: true },
      new Check('not_asked', 'the person has not answered', (ctx: Context) =>
        ctx.oidc!.result?.['consent'] === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      ),
    ),
  ];
}

/** What of the provider's configuration is about persons: FAPI 2.0's way of the code, and a page of ours that asks. */
export function personConfiguration({ issuer, now }: { issuer: string; now: () => Date }): Record<string, unknown> {
  const path = new URL(issuer).pathname.replace(/\/$/, '');
  const { secure, names } = consentCookies(issuer);
  const cookie = { httpOnly: true, sameSite: 'lax', signed: false, secure };
  return {
    responseTypes: ['code'],
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    extraParams: {
      consent_days: (ctx: Context, value: string | undefined) => {
        // Whatever stands in a request is kept as JSON in Postgres, which has no NUL; and none of it is for a terminal.
        // eslint-disable-next-line no-control-regex
        const isOdd = (text: unknown): boolean => typeof text === 'string' && /[\u0000-\u001f\u007f]/.test(text);
        if (Object.values(ctx.oidc!.params ?? {}).some(isOdd)) throw new errors.InvalidRequest('there is a control character in the request');
        if (consentDays(value) === undefined) throw new errors.InvalidRequest('consent_days must be a number from 1 to 90');
      },
    },
    cookies: {
      names: { interaction: names.interaction, resume: names.resume, session: names.session },
      short: cookie,
      long: cookie,
    },
    interactions: { policy: policy(), url: (_ctx: Context, { uid }: { uid: string }) => `${path}${CONSENT_PATH}/${uid}` },
    // Whoever stands behind a subject is known to the consent alone.
    findAccount: (_ctx: Context, subject: string) => ({ accountId: subject, claims: () => ({ sub: subject }) }),
    loadExistingGrant: (ctx: Context) => {
      const consentId = (ctx.oidc!.result?.['consent'] as { grantId?: string } | undefined)?.grantId;
      return consentId === undefined ? undefined : ctx.oidc!.provider.Grant.find(consentId);
    },
    expiresWithSession: () => false,
    issueRefreshToken: () => true,
    // FAPI 2.0, 5.3.2.1: it is bound to the client's keys, and turning it would only lose consents to lost answers.
    rotateRefreshToken: false,
    ttl: {
      Interaction: INTERACTION_SECONDS,
      Session: INTERACTION_SECONDS,
      AuthorizationCode: CODE_SECONDS,
      // No longer than the consent.
      RefreshToken: (ctx: Context) => Math.max(1, (ctx.oidc!.entities.Grant?.exp ?? 0) - Math.floor(now().getTime() / 1_000)),
      Grant: CODE_SECONDS,
    },
    renderError: (ctx: Context, out: { error: string }): void => {
      if (!answerByPage(ctx, out.error)) ctx.body = out;
    },
  };
}

const VISITED = /\/authorize(\/[\w-]+)?(\?|$)/;

/** Shows an error to whoever came with a browser; says whether that was so. The path tells, since a fault may come before the route is known. */
export function answerByPage(ctx: Context, code: string): boolean {
  if (!VISITED.test(ctx.req.url ?? '')) return false;
  const page = errorPage(ctx.req.headers['accept-language'], code);
  for (const [name, value] of Object.entries(page.headers)) ctx.set(name, value);
  ctx.body = page.html;
  return true;
}

/** What a token says of the consent that it is for; nothing in one that a bank got for itself. */
export function consentClaims(token: Token): object {
  return token.grantId === undefined ? {} : { consent_id: token.grantId };
}
