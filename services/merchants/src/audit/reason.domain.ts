import { type ReasonDecision, readReason } from '../partners/partner.domain';

/**
 * Reads why something of a merchant is changed. An operator says so; the merchant's own people do as they like, and what they wrote is not
 * kept: an entry of the trail cannot be erased.
 */
export function reasonOf(given: string | null | undefined, viewer: { readonly isOperator: boolean }): ReasonDecision<string | undefined> {
  return viewer.isOperator ? readReason(given ?? '') : { ok: true, plan: undefined };
}
