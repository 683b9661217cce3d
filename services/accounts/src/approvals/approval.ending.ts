import type { Tx } from '@tael/platform/postgres';
import { audit } from '../audit/audit.service';

const REASON = 'Who asked for it is no operator any more';

/**
 * Ends what somebody asked for and nobody has decided, because they have lost the role: what they wanted is no operator's wish any more. It counts as taken
 * back, by nobody. Gives how many there were; one that is being decided at the moment waits for that, and stays as it was decided.
 */
export async function cancelRequestsOf(tx: Tx, personId: string, at: Date): Promise<number> {
  const [rows]: [{ id: string }[], number] = await tx.query(
    `/* approvals.cancelOf */ UPDATE approval SET status = 'CANCELLED', "decidedAt" = $2, "decisionReason" = $3
     WHERE "requestedBy" = $1 AND status = 'REQUESTED' AND "expiresAt" > $2 RETURNING id`,
    [personId, at, REASON],
  );
  for (const { id } of rows) {
    await audit(tx, { kind: 'APPROVAL', id }, {
      actorId: null, action: 'CANCELLED', before: { status: 'REQUESTED' }, after: { status: 'CANCELLED' }, reason: REASON, at,
    });
  }
  return rows.length;
}
