import { enrolling, principalOf, principalWithRole, type SubgraphContext } from '@tael/graphql';
import type { Identity } from '@tael/platform/identity';
import type { Caller, Viewer } from './transactions/transaction.domain';

/** Gives who looks, or undefined where nobody is signed in. */
export function viewerOf(identity: Identity): Viewer | undefined {
  const { principal } = identity;
  return principal ? { personId: principal.personId, operator: principal.roles.includes('OPERATOR') } : undefined;
}

/** Gives who asks for a change, or throws UNAUTHENTICATED. */
export function callerOf(context: Pick<SubgraphContext, 'identity'>): Caller {
  const principal = principalOf(context);
  return {
    personId: principal.personId, sessionId: principal.sessionId, operator: principal.roles.includes('OPERATOR'),
    traceparent: context.identity.traceparent,
  };
}

/** Lets operators alone through, and gives who asks; or throws UNAUTHENTICATED or FORBIDDEN. */
export function operatorOf(context: Pick<SubgraphContext, 'identity'>): ReturnType<typeof signedInOf> {
  const { personId, sessionId } = principalWithRole(context, 'OPERATOR');
  return { personId, sessionId, traceparent: context.identity.traceparent };
}

/** Gives who asks for a change of what lets them in, with the session that asks; or throws UNAUTHENTICATED. */
export function signedInOf(context: Pick<SubgraphContext, 'identity'>): {
  personId: string;
  sessionId: string;
  traceparent: string;
} {
  const { personId, sessionId } = principalOf(context);
  return { personId, sessionId, traceparent: context.identity.traceparent };
}

/** Gives who sets a second factor up: who is signed in, and who must do that before anything else; or throws UNAUTHENTICATED. */
export function enrollingOf(context: Pick<SubgraphContext, 'identity'>): ReturnType<typeof signedInOf> {
  const { personId, sessionId } = enrolling(context);
  return { personId, sessionId, traceparent: context.identity.traceparent };
}
