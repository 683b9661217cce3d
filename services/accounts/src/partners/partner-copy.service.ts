import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';

/**
 * Keeps what the authorization server needs of a partner bank, as its newest event says; an older state never replaces a
 * newer one. A client that is not in the state any more is revoked. The partner's row is changed first: who issues a token
 * looks at it at the end, and so sees what comes here or is told of with `refusedAt` or `rateChangedAt`.
 */
export async function takePartner(tx: Tx, partner: EventData<'partner.changed'>): Promise<void> {
  const newer: unknown[] = await tx.query(
    `/* partners.copy */ INSERT INTO partner_copy AS p ("partnerId", version, status, environment, "ratePerSecond", "rateBurst", "rateCostMax", name)
     VALUES ($1, $2, $3, $6, $4, $5, $8, $7)
     ON CONFLICT ("partnerId") DO UPDATE SET version = excluded.version, status = excluded.status,
       environment = excluded.environment, "ratePerSecond" = excluded."ratePerSecond", "rateBurst" = excluded."rateBurst",
       "rateCostMax" = excluded."rateCostMax", name = excluded.name,
       "rateChangedAt" = CASE WHEN (p."ratePerSecond", p."rateBurst", p."rateCostMax") IS DISTINCT FROM (excluded."ratePerSecond", excluded."rateBurst", excluded."rateCostMax")
         THEN clock_timestamp() ELSE p."rateChangedAt" END
     WHERE p.version < excluded.version RETURNING version`,
    [partner.partnerId, partner.version, partner.status, partner.rate.perSecond, partner.rate.burst, partner.environment, partner.name,
      partner.rate.costMax ?? null],
  );
  if (newer.length === 0) return;
  const clients = partner.clients.map(({ tokensRefusedUntil, ...client }) => ({
    ...client,
    tokensRefusedUntil: tokensRefusedUntil?.toISOString() ?? null,
  }));
  const told = JSON.stringify(clients);
  // The time of the clock and not of the transaction: it must lie behind that of every token issued on the state of before.
  const [{ at }]: [{ at: string }] = await tx.query('/* partners.clock */ SELECT clock_timestamp()::text AS at');
  const turned = await refuseGoneKeys(tx, { partnerId: partner.partnerId, told, at });
  await tx.query(
    `/* partners.copyClients */ INSERT INTO partner_client_copy AS c
       ("clientId", "partnerId", status, authentication, scopes, keys, "redirectUris", "tokensRefusedUntil", "refusedAt")
     SELECT "clientId", $1, status, authentication, scopes, keys, "redirectUris", "tokensRefusedUntil",
       CASE WHEN $3 OR status = 'REVOKED' OR "tokensRefusedUntil" IS NOT NULL THEN $4::timestamptz END
     FROM jsonb_to_recordset($2::jsonb) AS n ("clientId" uuid, status text, authentication text, scopes text[], keys jsonb, "redirectUris" text[],
       "tokensRefusedUntil" timestamptz)
     ON CONFLICT ("clientId") DO UPDATE SET status = excluded.status, authentication = excluded.authentication,
       scopes = excluded.scopes, keys = excluded.keys, "redirectUris" = excluded."redirectUris", "tokensRefusedUntil" = excluded."tokensRefusedUntil",
       "refusedAt" = CASE WHEN $3 OR excluded.status = 'REVOKED' OR c."clientId" = ANY ($5::uuid[]) OR ${NARROWED}
           OR excluded."tokensRefusedUntil" > coalesce(c."tokensRefusedUntil", '-infinity')
         THEN $4::timestamptz ELSE c."refusedAt" END,
       "keysRefusedAt" = CASE WHEN ${KEYS_ALONE} THEN $4::timestamptz ELSE c."keysRefusedAt" END,
       "wholeRefusedAt" = CASE WHEN ${KEYS_ALONE} THEN ${WHOLE_REFUSED_AT} ELSE c."wholeRefusedAt" END
     WHERE c."partnerId" = excluded."partnerId"`,
    [partner.partnerId, told, partner.status === 'SUSPENDED', at, turned],
  );
  await tx.query(
    `/* partners.revokeAbsent */ UPDATE partner_client_copy SET status = 'REVOKED', "refusedAt" = $3::timestamptz
     WHERE "partnerId" = $1 AND status <> 'REVOKED' AND NOT ("clientId" = ANY ($2::uuid[]))`,
    [partner.partnerId, clients.map(({ clientId }) => clientId), at],
  );
}

/** In the change of a client: it has a scope no more that tokens of before may say. */
const NARROWED = 'NOT (c.scopes <@ excluded.scopes)';

/** In the change of a client: what is revoked are keys that it has no more, and nothing else of it. */
const KEYS_ALONE = `c."clientId" = ANY ($5::uuid[]) AND NOT $3 AND excluded.status <> 'REVOKED' AND NOT ${NARROWED}`;

/** When the whole client `c` was revoked last, in SQL. */
export const WHOLE_REFUSED_AT = `CASE WHEN c."refusedAt" = c."keysRefusedAt" THEN c."wholeRefusedAt" ELSE c."refusedAt" END`;

/**
 * Refuses what was got with keys that clients have no more; gives those clients. Where merchants wants tokens refused and no key
 * has gone, it means the whole client.
 */
async function refuseGoneKeys(tx: Tx, { partnerId, told, at }: { partnerId: string; told: string; at: string }): Promise<string[]> {
  const gone: { clientId: string }[] = await tx.query(
    `/* partners.refuseKeys */ INSERT INTO partner_key_refusal ("clientId", kid, "refusedAt")
     SELECT DISTINCT c."clientId", key->>'kid', $3::timestamptz
     FROM partner_client_copy c JOIN jsonb_to_recordset($2::jsonb) AS n ("clientId" uuid, keys jsonb) ON n."clientId" = c."clientId"
       CROSS JOIN jsonb_array_elements(c.keys) AS key
     WHERE c."partnerId" = $1 AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(n.keys) AS kept WHERE kept->>'kid' = key->>'kid')
     ON CONFLICT ("clientId", kid) DO UPDATE SET "refusedAt" = excluded."refusedAt"
     RETURNING "clientId"`,
    [partnerId, told, at],
  );
  return gone.map(({ clientId }) => clientId);
}
