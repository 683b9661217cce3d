import { type Adapter, errors, Provider } from 'oidc-provider';
import type { ConsentService, StandingConsent } from '../consents/consent.service';
import type { PartnerClientService } from '../partners/partner-client.service';
import type { AuthorizationArtifactService } from './authorization-artifact.service';
import type { AuthorizationStateService } from './authorization-state.service';
import { STATE_KINDS, type StateKind } from './authorization-state.entity';
import type { Seen } from './partner-provider';
import { clientMetadata } from './partner-provider.configuration';

interface StorageParts {
  readonly audience: string;
  readonly partnerClients: PartnerClientService;
  readonly artifacts: AuthorizationArtifactService;
  readonly states: AuthorizationStateService;
  readonly consents: ConsentService;
}

const nothing = async (): Promise<undefined> => undefined;
const NEVER: Adapter = { find: nothing, upsert: nothing, consume: nothing, destroy: nothing, revokeByGrantId: nothing };

/** Clients are only ever looked up. */
function clients({ partnerClients }: StorageParts, seen: Seen): Partial<Adapter> {
  return {
    find: async (id) => {
      const client = await partnerClients.find(id);
      if (!client) return undefined;
      if (Provider.ctx) seen.set(Provider.ctx, client);
      return clientMetadata(client);
    },
  };
}

/**
 * An id is used up where the provider asks whether it was used: if it asked first and noted after, two requests at once would
 * both find it unused.
 */
function replays({ artifacts }: StorageParts): Partial<Adapter> {
  return {
    find: async (id) => ((await artifacts.use(id)) ? undefined : { jti: id, kind: 'ReplayDetection' }),
    upsert: nothing,
  };
}

/** What the provider calls a grant is the consent itself: withdrawn, it is not there, and nothing can be had for it. */
function grants({ consents, audience }: StorageParts): Partial<Adapter> {
  return {
    find: async (id) => {
      const consent = await consents.standing(id);
      return consent && grantOf(consent, audience);
    },
    destroy: (id) => consents.revoke(id),
  };
}

const seconds = (instant: Date): number => Math.floor(instant.getTime() / 1_000);

function grantOf({ id, clientId, subject, scopes, givenAt, expiresAt }: StandingConsent, audience: string): object {
  return {
    jti: id, kind: 'Grant', clientId, accountId: subject, resources: { [audience]: scopes.join(' ') },
    iat: seconds(givenAt), exp: seconds(expiresAt),
  };
}

/**
 * Requests, interactions, codes and refresh tokens. The provider looks whether one was used before it uses it up; where two did so
 * at once, the second finds here that it was. A code that two want may be in wrong hands, so what came of it ends.
 */
function states({ states: kept, consents }: StorageParts, kind: StateKind): Adapter {
  return {
    find: (id) => kept.find(kind, id),
    upsert: (id, payload, ttl) => kept.keep(kind, id, { payload, seconds: ttl }),
    consume: async (id) => {
      if (await kept.consume(kind, id)) return;
      if (kind !== 'AuthorizationCode') throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used');
      const { grantId } = ((await kept.find(kind, id)) ?? {}) as { grantId?: string };
      if (grantId !== undefined) await consents.revoke(grantId);
      throw new errors.InvalidGrant('authorization code already consumed');
    },
    destroy: (id) => kept.remove(kind, id),
    // A used code stays known as used.
    revokeByGrantId: async (consentId) => (kind === 'RefreshToken' ? kept.removeOf(kind, consentId) : undefined),
  };
}

/** The provider's storage. Of a kind that is not here nothing is kept, and who tries fails. */
export function providerStorage(parts: StorageParts, seen: Seen): (kind: string) => Adapter {
  const kinds: Record<string, Partial<Adapter>> = {
    Client: clients(parts, seen),
    ReplayDetection: replays(parts),
    Grant: grants(parts),
    // Nobody stays signed in, and access tokens speak for themselves.
    Session: NEVER,
    AccessToken: { revokeByGrantId: nothing },
    ...Object.fromEntries(STATE_KINDS.map((kind) => [kind, states(parts, kind)])),
  };
  return (kind) => {
    const refuse = (): never => {
      throw new Error(`nothing of the kind ${kind} is kept`);
    };
    return { find: refuse, upsert: refuse, consume: refuse, destroy: refuse, revokeByGrantId: refuse, ...kinds[kind] };
  };
}
