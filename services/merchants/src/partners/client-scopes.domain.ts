import { type ClientStatus, type Decision, type PartnerRefusal, readReason, readScopes } from './partner.domain';

export interface ScopesCommand {
  readonly scopes: readonly string[];
  readonly reason: string;
}

export interface ScopesPlan {
  readonly scopes: readonly string[];
  readonly reason: string;
}

/** Reads what a client shall have: everything at fault is refused at once, in the order of the input's fields. */
export function readScopesCommand(command: ScopesCommand, known: readonly string[]): Decision<ScopesPlan> {
  const [scopes, reason] = [readScopes(command.scopes, known), readReason(command.reason)];
  if (!scopes.ok || !reason.ok) return { ok: false, refusals: [scopes, reason].flatMap((one) => (one.ok ? [] : one.refusals)) };
  return { ok: true, plan: { scopes: scopes.plan, reason: reason.plan } };
}

/**
 * Decides what becomes of a client that shall have other scopes. NARROW: something is taken away, and tokens of before say that it is there, so
 * they end. WIDEN: those of before are good for what they say.
 */
export function decideScopes(
  client: { readonly status: ClientStatus; readonly scopes: readonly string[] } | undefined,
  wanted: readonly string[],
): Decision<'NARROW' | 'WIDEN' | 'UNCHANGED'> {
  const refuse = (refusal: PartnerRefusal): Decision<never> => ({ ok: false, refusals: [refusal] });
  const field = ['input', 'clientId'];
  if (!client) return refuse({ code: 'NOT_FOUND', field });
  if (client.status === 'REVOKED') return refuse({ code: 'NOT_ALLOWED', reason: 'CLIENT_REVOKED', field });
  if (client.scopes.some((scope) => !wanted.includes(scope))) return { ok: true, plan: 'NARROW' };
  return { ok: true, plan: wanted.every((scope) => client.scopes.includes(scope)) ? 'UNCHANGED' : 'WIDEN' };
}
