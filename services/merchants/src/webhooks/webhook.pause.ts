import type { Tx } from '@tael/platform/postgres';

/**
 * Whether the owner of endpoint `e` is a partner bank that nobody lets in: suspended, or without a client. Nothing is sent to it, and
 * what is to be told waits. It is read from the partner at each claim, so that it is true whichever order things commit in.
 */
export const PAUSED = `(e."ownerKind" = 'PARTNER' AND NOT EXISTS (
  SELECT FROM partner p WHERE p.id = e."ownerId" AND p.status = 'ACTIVE'
    AND EXISTS (SELECT FROM partner_client c WHERE c."partnerId" = p.id AND c.status = 'ACTIVE')))`;

/** A bank is let in again: that nothing arrived meanwhile was not its endpoints' fault. */
export async function forgive(tx: Tx, partnerId: string): Promise<void> {
  await tx.query(
    `/* webhooks.forgive */ UPDATE webhook_endpoint SET "failingSince" = NULL
     WHERE "ownerKind" = 'PARTNER' AND "ownerId" = $1 AND "failingSince" IS NOT NULL`,
    [partnerId],
  );
}
