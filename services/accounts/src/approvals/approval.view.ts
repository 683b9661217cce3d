import { toMoneyType, toUserErrors } from '@tael/graphql';
import type { AccountsContext } from '../loaders';
import { digestOf } from './approval.digest';
import type { Approval } from './approval.domain';
import type { ApprovalOutcome } from './approval.service';
import type { ApprovalPayload, ApprovalType } from './approval.type';

/** Writes a request for the API. */
export function toApprovalType({ amount, currency, payload, ...row }: Approval): ApprovalType {
  return {
    ...row, amount: toMoneyType({ minor: amount, currency }), payload: JSON.stringify(payload), digest: digestOf({ ...row, amount, currency, payload }),
  };
}

/** Writes what became of a request for the API. */
export function approvalPayload(outcome: ApprovalOutcome, { identity }: AccountsContext): ApprovalPayload {
  if (!outcome.ok) return { userErrors: toUserErrors(outcome.refusals, identity.locale) };
  return { approval: toApprovalType(outcome.approval), userErrors: [] };
}
