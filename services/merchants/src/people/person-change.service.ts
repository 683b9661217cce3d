import { toMessage } from '@tael/events';
import { appendToOutbox } from '@tael/platform/outbox';
import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { auditMerchant } from '../audit/audit.service';
import type { Viewer } from '../merchants/merchant.domain';
import { type MerchantPerson, type MerchantRole, toldOf } from './role.domain';

/** What becomes of one of a merchant's people: null is nobody. */
export interface PersonChange {
  readonly merchantId: string;
  /** As the database writes it. */
  readonly personId: string;
  /** All of them, as they were. */
  readonly people: readonly MerchantPerson[];
  readonly role: MerchantRole | null;
  readonly invitationId?: string;
}

export interface ChangedBy {
  readonly viewer: Viewer;
  readonly reason: string | undefined;
  readonly traceparent: string;
  readonly at: Date;
}

/**
 * Writes a change of a merchant's people into the trail and tells it, in the transaction that makes it: whoever can take a merchant over does it
 * by this, so whoever can stop them hears of it.
 */
export async function recordPersonChange(tx: Tx, change: PersonChange, { viewer, reason, traceparent, at }: ChangedBy): Promise<void> {
  const { merchantId, personId, people, role, invitationId } = change;
  const roleBefore = people.find((person) => person.personId === personId)?.role ?? null;
  const action = role === null ? 'PERSON_REMOVED' : roleBefore === null ? 'PERSON_JOINED' : 'ROLE_CHANGED';
  await auditMerchant(tx, merchantId, {
    viewer, action, reason, at,
    before: roleBefore && { personId, role: roleBefore }, after: role && { personId, role, ...(invitationId ? { invitationId } : {}) },
  });
  const data = {
    changeId: uuidv7(), merchantId, personId, roleBefore, role, changedBy: viewer.personId, told: toldOf(people, change), occurredAt: at,
  };
  await appendToOutbox(tx, [toMessage('merchant.people-changed', data, { source: 'merchants', time: at, traceparent })]);
}
