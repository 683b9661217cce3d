import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import type { ConsentEnding } from './consent.domain';
import { ConsentChangeEntity } from './consent.entity';

/** Who a consent was, of whom and for which bank. */
interface Ended {
  readonly personId: string;
  readonly partnerId: string;
  /** How the bank knows the person. */
  readonly subject: string;
}

/**
 * Ends a consent that stands, whoever wants it: from the commit on no statement finds it, and its refresh token is gone. Gives undefined where
 * it has ended before.
 */
export async function endConsent(
  tx: Tx, consentId: string, end: { by: ConsentEnding; sessionId: string | null; traceparent: string; at: Date },
): Promise<Ended | undefined> {
  const { by, sessionId, traceparent, at } = end;
  const [[ended]]: [Ended[], number] = await tx.query(
    `/* consents.withdraw */ UPDATE consent SET "withdrawnAt" = $2, "withdrawnBy" = $3
     WHERE id = $1 AND "withdrawnAt" IS NULL AND "expiresAt" > $2 RETURNING "personId", "partnerId",
       (SELECT s.subject FROM partner_subject s WHERE s."partnerId" = consent."partnerId" AND s."personId" = consent."personId") AS subject`,
    [consentId, at, by.who],
  );
  if (!ended) return undefined;
  await tx.query('/* consents.endTokens */ DELETE FROM authorization_state WHERE "consentId" = $1 AND kind = $2', [consentId, 'RefreshToken']);
  const state = by.who === 'OPERATOR' ? { reason: by.who, cause: by.cause } : { reason: by.who };
  await tx.insert(ConsentChangeEntity, { id: uuidv7(), consentId, at, change: 'WITHDRAWN', sessionId, state });
  const told = { ...ended, consentId, occurredAt: at };
  await emit(tx, { traceparent }, [
    by.who === 'OPERATOR'
      ? { type: 'consent.ended', data: { ...told, onRequest: by.cause === 'PERSON_REQUEST' } }
      : { type: 'consent.withdrawn', data: { ...told, reason: by.who } },
  ]);
  return ended;
}
