import type { Tx } from '@tael/platform/postgres';
import { isDeepStrictEqual } from 'node:util';
import { audit, BY_TAEL, MERCHANT_SUBJECT, type Subject, WITHOUT_REASON } from '../audit/audit.service';
import { PARTNER_SUBJECT } from '../partners/partner-changes.service';
import type { DisabledReason, EndpointStatus, OwnerKind } from './webhook.domain';
import type { Asker } from './webhook.view';

export interface EndpointRef {
  readonly id: string;
  readonly ownerKind: OwnerKind;
  readonly ownerId: string;
}

export interface EndpointState {
  readonly host: string;
  readonly eventTypes: readonly string[];
  readonly status: EndpointStatus;
}

interface Texts {
  readonly url: string;
  readonly description: string;
}

/** What the trail shows of an endpoint: not its address, in which receivers keep secrets. */
export const stateOf = ({ host, eventTypes, status }: EndpointState): Record<string, unknown> => ({ host, eventTypes, status });

/** What the trail shows of a change: of the address, and of the words that people gave it, only that they are others. Undefined where nothing is. */
export function endpointChange(
  before: EndpointState & Texts, after: EndpointState & Texts,
): Record<'before' | 'after', Record<string, unknown>> | undefined {
  const isNew = { url: after.url !== before.url, description: after.description !== before.description };
  if (!isNew.url && !isNew.description && isDeepStrictEqual(stateOf(before), stateOf(after))) return undefined;
  return { before: stateOf(before), after: { ...stateOf(after), isNew } };
}

const subjectOf = (ownerKind: OwnerKind, id: string): Subject => ({ kind: ownerKind === 'MERCHANT' ? MERCHANT_SUBJECT : PARTNER_SUBJECT, id });

/** Writes what was done to an endpoint into the trail of the merchant or the bank whose it is, in the transaction that does it. */
export async function auditEndpoint(
  tx: Tx, { id: endpointId, ownerKind, ownerId }: EndpointRef,
  { asker, before, after, ...rest }: {
    readonly asker: Asker; readonly action: string; readonly at: Date;
    readonly before: Readonly<Record<string, unknown>> | null; readonly after: Readonly<Record<string, unknown>> | null;
  },
): Promise<void> {
  const named = (state: Readonly<Record<string, unknown>> | null) => state && { endpointId, ...state };
  await audit(tx, subjectOf(ownerKind, ownerId), {
    ...rest, before: named(before), after: named(after),
    actor: asker.kind === 'PARTNER' ? { kind: 'PARTNER_CLIENT', id: asker.clientId } : { kind: 'PERSON', id: asker.personId },
    reason: asker.kind === 'PARTNER' ? WITHOUT_REASON.bank : asker.reason ?? WITHOUT_REASON[asker.isOperator ? 'operator' : 'merchant'],
  });
}

/** Writes into the same trail that Tael has disabled an endpoint by itself. */
export async function auditDisabling(
  tx: Tx, { id: endpointId, ownerKind, ownerId, status }: EndpointRef & Pick<EndpointState, 'status'>, { reason, at }: { reason: DisabledReason; at: Date },
): Promise<void> {
  await audit(tx, subjectOf(ownerKind, ownerId), {
    action: 'WEBHOOK_DISABLED', actor: BY_TAEL, before: { endpointId, status }, after: { endpointId, status: 'DISABLED' }, reason, at,
  });
}
