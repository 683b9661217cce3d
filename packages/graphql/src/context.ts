import type { ConsentPrincipal, ConsentScope, Identity, PartnerPrincipal, PartnerScope, Principal, Role } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { Directive } from 'type-graphql';
import { forbidden, scopeRequired, secondFactorRequired, unauthenticated } from './errors';
import type { Outcome } from './observation';

/** What a resolver gets with every request. `loaders` are made anew for each, so nothing is cached across people. */
export interface SubgraphContext<Loaders = unknown> {
  readonly identity: Identity;
  readonly loaders: Loaders;
  readonly log: Logger;
  /** Filled in as the request ends: what figures and traces tell of it. */
  readonly outcome: Outcome;
}

/** The context of one request. Its loaders and its log are made when they are first used: most mutations use neither. */
export class RequestContext<Loaders> implements SubgraphContext<Loaders> {
  private ownLoaders: Loaders | undefined;
  private ownLog: Logger | undefined;

  constructor(
    readonly identity: Identity,
    readonly outcome: Outcome,
    private readonly parts: { readonly loaders: (identity: Identity) => Loaders; readonly log: Logger },
  ) {}

  get loaders(): Loaders {
    return (this.ownLoaders ??= this.parts.loaders(this.identity));
  }

  get log(): Logger {
    return (this.ownLog ??= this.parts.log.child({ reference: this.identity.reference }));
  }
}

/** Gives who is asking, or throws UNAUTHENTICATED, or SECOND_FACTOR_REQUIRED for who must set one up first. */
export function principalOf({ identity }: { identity: Identity }): Principal {
  if (identity.principal) return identity.principal;
  throw identity.settingUp ? secondFactorRequired() : unauthenticated();
}

/** Gives who may set a second factor up: who is signed in, and who may do nothing else before. */
export function enrolling({ identity }: { identity: Identity }): Pick<Principal, 'personId' | 'sessionId'> {
  return identity.settingUp ?? principalOf({ identity });
}

/** Gives who is asking where they have the role, or throws UNAUTHENTICATED or FORBIDDEN. */
export function principalWithRole(context: { identity: Identity }, role: Role): Principal {
  const principal = principalOf(context);
  if (!principal.roles.includes(role)) throw forbidden();
  return principal;
}

/** Gives the partner bank that asks where its token has the scope, or throws UNAUTHENTICATED or FORBIDDEN. */
export function partnerWithScope({ identity }: { identity: Identity }, scope: PartnerScope): PartnerPrincipal {
  if (!identity.partner) throw identity.principal ? forbidden() : unauthenticated();
  if (!identity.partner.scopes.includes(scope)) throw scopeRequired(scope);
  return identity.partner;
}

/** A person's consent in the hands of the bank that it was given to. */
export interface ConsentHolder extends ConsentPrincipal {
  readonly partnerId: string;
}

/**
 * Gives the consent that the bank's token is for where it has the scope, or throws UNAUTHENTICATED or FORBIDDEN. The consent
 * may have been withdrawn since: each statement that reads by it looks.
 */
export function consentWithScope({ identity }: { identity: Identity }, scope: ConsentScope): ConsentHolder {
  if (!identity.partner) throw identity.principal ? forbidden() : unauthenticated();
  const { partnerId, consent } = identity.partner;
  if (!consent?.scopes.includes(scope)) throw scopeRequired(scope);
  return { ...consent, partnerId };
}

/**
 * Shows a field, argument, type or input at the partners' door. What is not marked is not there: a type that is marked shows
 * all its fields, a field that is marked still hides its arguments. Enums and scalars take no decorator: {@link showToPartners}.
 */
export const ForPartners = (): MethodDecorator & PropertyDecorator & ClassDecorator & ParameterDecorator => Directive('@tag(name: "partner")');
