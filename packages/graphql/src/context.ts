import type { Identity, Principal, Role } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { forbidden, unauthenticated } from './errors';
import type { Outcome } from './observation';

/** What a resolver gets with every request. `loaders` are made anew for each, so nothing is cached across people. */
export interface SubgraphContext<Loaders = unknown> {
  readonly identity: Identity;
  readonly loaders: Loaders;
  readonly log: Logger;
  /** Filled in as the request ends: what figures and traces tell of it. */
  readonly outcome: Outcome;
}

/** Gives who is asking, or throws UNAUTHENTICATED. */
export function principalOf(context: { identity: Identity }): Principal {
  if (!context.identity.principal) throw unauthenticated();
  return context.identity.principal;
}

/** Gives who is asking where they have the role, or throws UNAUTHENTICATED or FORBIDDEN. */
export function principalWithRole(context: { identity: Identity }, role: Role): Principal {
  const principal = principalOf(context);
  if (!principal.roles.includes(role)) throw forbidden();
  return principal;
}
