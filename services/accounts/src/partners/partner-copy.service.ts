import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';

/**
 * Keeps what the authorization server needs of a partner bank, as its newest event says; an older state never replaces a
 * newer one. A client that is not in the state any more is revoked. The partner's row is changed first: who issues a token
 * looks at it at the end, and so sees what comes here or is told of with `refusedAt`.
 */
export async function takePartner(tx: Tx, partner: EventData<'partner.changed'>): Promise<void> {
  const newer: unknown[] = await tx.query(
    `/* partners.copy */ INSERT INTO partner_copy AS p ("partnerId", version, status, environment, "ratePerSecond", "rateBurst", name)
     VALUES ($1, $2, $3, $6, $4, $5, $7)
     ON CONFLICT ("partnerId") DO UPDATE SET version = excluded.version, status = excluded.status,
       environment = excluded.environment, "ratePerSecond" = excluded."ratePerSecond", "rateBurst" = excluded."rateBurst", name = excluded.name
     WHERE p.version < excluded.version RETURNING version`,
    [partner.partnerId, partner.version, partner.status, partner.rate.perSecond, partner.rate.burst, partner.environment, partner.name],
  );
  if (newer.length === 0) return;
  const clients = partner.clients.map(({ tokensRefusedUntil, ...client }) => ({
    ...client,
    tokensRefusedUntil: tokensRefusedUntil?.toISOString() ?? null,
  }));
  const suspended = partner.status === 'SUSPENDED';
  // The time of the clock and not of the transaction: it must lie behind that of every token issued on the state of before.
  await tx.query(
    `/* partners.copyClients */ INSERT INTO partner_client_copy AS c
       ("clientId", "partnerId", status, authentication, scopes, keys, "redirectUris", "tokensRefusedUntil", "refusedAt")
     SELECT "clientId", $1, status, authentication, scopes, keys, "redirectUris", "tokensRefusedUntil",
       CASE WHEN $3 OR status = 'REVOKED' OR "tokensRefusedUntil" IS NOT NULL THEN clock_timestamp() END
     FROM jsonb_to_recordset($2::jsonb) AS n ("clientId" uuid, status text, authentication text, scopes text[], keys jsonb, "redirectUris" text[],
       "tokensRefusedUntil" timestamptz)
     ON CONFLICT ("clientId") DO UPDATE SET status = excluded.status, authentication = excluded.authentication,
       scopes = excluded.scopes, keys = excluded.keys, "redirectUris" = excluded."redirectUris", "tokensRefusedUntil" = excluded."tokensRefusedUntil",
       "refusedAt" = CASE WHEN $3 OR excluded.status = 'REVOKED'
           OR excluded."tokensRefusedUntil" > coalesce(c."tokensRefusedUntil", '-infinity')
         THEN clock_timestamp() ELSE c."refusedAt" END
     WHERE c."partnerId" = excluded."partnerId"`,
    [partner.partnerId, JSON.stringify(clients), suspended],
  );
  await tx.query(
    `/* partners.revokeAbsent */ UPDATE partner_client_copy SET status = 'REVOKED', "refusedAt" = clock_timestamp()
     WHERE "partnerId" = $1 AND status <> 'REVOKED' AND NOT ("clientId" = ANY ($2::uuid[]))`,
    [partner.partnerId, clients.map(({ clientId }) => clientId)],
  );
}
