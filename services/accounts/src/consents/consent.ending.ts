import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { audit } from '../audit/audit.service';
import { emit } from '../events/emission';
import type { ConsentEnding } from './consent.domain';
import { ConsentChangeEntity } from './consent.entity';

/** Which consent it was, of whom and for which bank. */
interface Ended {
  readonly consentId: string;
  readonly personId: string;
  readonly partnerId: string;
  /** How the bank knows the person. */
  readonly subject: string;
}

type OfOperator = Extract<ConsentEnding, { who: 'OPERATOR' }>;

/**
 * Ends those of some consents that stand, whoever wants it: from the commit on no statement finds them, and their refresh tokens are gone. Gives
 * them; one that has ended before is not among them.
 */
export async function endConsents(
  tx: Tx, consentIds: readonly string[], end: { by: ConsentEnding; sessionId: string | null; traceparent: string; at: Date },
): Promise<Ended[]> {
  const { by, sessionId, traceparent, at } = end;
  const [ended]: [Ended[], number] = await tx.query(
    `/* consents.withdraw */ UPDATE consent SET "withdrawnAt" = $2, "withdrawnBy" = $3
     WHERE id = ANY ($1::uuid[]) AND "withdrawnAt" IS NULL AND "expiresAt" > $2 RETURNING id AS "consentId", "personId", "partnerId",
       (SELECT s.subject FROM partner_subject s WHERE s."partnerId" = consent."partnerId" AND s."personId" = consent."personId") AS subject`,
    [consentIds, at, by.who],
  );
  if (ended.length === 0) return [];
  const ids = ended.map(({ consentId }) => consentId);
  await tx.query('/* consents.endTokens */ DELETE FROM authorization_state WHERE "consentId" = ANY ($1::uuid[]) AND kind = $2', [ids, 'RefreshToken']);
  const state = by.who === 'OPERATOR' ? { reason: by.who, cause: by.cause } : { reason: by.who };
  await tx.insert(ConsentChangeEntity, ids.map((consentId) => ({ id: uuidv7(), consentId, at, change: 'WITHDRAWN' as const, sessionId, state })));
  await emit(tx, { traceparent }, ended.map((one) => {
    const told = { ...one, occurredAt: at };
    return by.who === 'OPERATOR'
      ? { type: 'consent.ended', data: { ...told, onRequest: by.cause === 'PERSON_REQUEST', bankLeft: by.cause === 'BANK_LEFT' } }
      : { type: 'consent.withdrawn', data: { ...told, reason: by.who } };
  }));
  return ended;
}

/** Ends consents as an operator wants it, and says of each in its trail who and why; of an order also which. Gives how many it ended. */
export async function endByOperator(
  tx: Tx, consentIds: readonly string[],
  { actorId, reason, at, orderId, ...by }: Omit<OfOperator, 'who'> & { actorId: string; reason: string; at: Date; traceparent: string; orderId?: string },
): Promise<number> {
  const { cause, traceparent } = by;
  const ended = await endConsents(tx, consentIds, { by: { who: 'OPERATOR', cause }, sessionId: null, traceparent, at });
  const after = { status: 'WITHDRAWN', endedBy: 'OPERATOR', cause, ...(orderId === undefined ? {} : { orderId }) };
  for (const { consentId } of ended) {
    await audit(tx, { kind: 'CONSENT', id: consentId }, { actorId, action: 'ENDED', before: { status: 'ACTIVE' }, after, reason, at });
  }
  return ended.length;
}
