import { X509Certificate } from 'node:crypto';
import { CONSENT_SCOPES, type ConsentScope, PARTNER_SCOPES, type PartnerScope } from '@tael/platform/identity';
import type { DataSource } from 'typeorm';
import { uuidOf } from '../ids.domain';
import { WHOLE_REFUSED_AT } from './partner-copy.service';

/** So long a revoked client, or another rate, is told of: the last token of before is over by then, whatever the clocks say. */
const TOLD_MS = 11 * 60 * 1_000;
const TOLD_MAX = 10_000;

/** What a partner may ask for: units of cost a second, at once after a rest, and for one operation where that is not what everybody may. */
export interface PartnerRate {
  readonly perSecond: number;
  readonly burst: number;
  readonly costMax?: number;
}

/** A client that may sign in now, with its partner's rate. */
export interface PartnerClient {
  readonly clientId: string;
  readonly partnerId: string;
  readonly authentication: 'private_key_jwt' | 'self_signed_tls_client_auth';
  readonly scopes: readonly (PartnerScope | ConsentScope)[];
  /** Where people may be sent back to with the answer to a consent. */
  readonly redirectUris: readonly string[];
  readonly keys: readonly Record<string, unknown>[];
  readonly environment: 'SANDBOX' | 'PRODUCTION';
  readonly rate: PartnerRate;
}

interface RateRow {
  readonly ratePerSecond: number;
  readonly rateBurst: number;
  readonly rateCostMax: number | null;
}

interface ClientRow extends Omit<PartnerClient, 'rate' | 'scopes'>, RateRow {
  readonly scopes: string[];
}

const rateOf = ({ ratePerSecond, rateBurst, rateCostMax }: RateRow): PartnerRate => ({
  perSecond: ratePerSecond, burst: rateBurst, ...(rateCostMax === null ? {} : { costMax: rateCostMax }),
});

/**
 * Gives when a key ends, in seconds: at `exp` or with its certificate, whichever is first. Merchants of the version before tell no `exp`, and
 * may tell last; so the certificate itself is asked too. One that cannot be read has ended.
 */
function endOf({ exp, x5c }: Record<string, unknown>): number {
  const said = typeof exp === 'number' ? exp : Infinity;
  const [certificate]: unknown[] = Array.isArray(x5c) ? x5c : [];
  if (typeof certificate !== 'string') return said;
  try {
    return Math.min(said, new Date(new X509Certificate(Buffer.from(certificate, 'base64')).validTo).getTime() / 1_000);
  } catch {
    return -Infinity;
  }
}

/** Knows which clients of partner banks may sign in, and which may not any more. */
export class PartnerClientService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date }) {}

  /** Gives a client that is active, with a key that has not ended, of an active partner. Read anew each time: what is revoked is gone at once. */
  async find(id: string): Promise<PartnerClient | undefined> {
    const clientId = uuidOf(id);
    if (!clientId) return undefined;
    const rows: ClientRow[] = await this.parts.dataSource.query(
      `/* partners.client */ SELECT c."clientId", c."partnerId", c.authentication, c.scopes, c.keys, c."redirectUris", p.environment, p."ratePerSecond", p."rateBurst", p."rateCostMax"
       FROM partner_client_copy c JOIN partner_copy p ON p."partnerId" = c."partnerId"
       WHERE c."clientId" = $1 AND c.status = 'ACTIVE' AND p.status = 'ACTIVE'`,
      [clientId],
    );
    const [row] = rows;
    if (!row) return undefined;
    const { ratePerSecond: _perSecond, rateBurst: _burst, rateCostMax: _costMax, scopes, keys, ...client } = row;
    const now = this.parts.now().getTime() / 1_000;
    // A newer service may already give scopes that nothing here knows.
    // A key that has ended signs nobody in; one whose end nobody said does not end.
    const living = keys.filter((key) => endOf(key) > now);
    if (living.length === 0) return undefined;
    return { ...client, keys: living, scopes: [...PARTNER_SCOPES, ...CONSENT_SCOPES].filter((scope) => scopes.includes(scope)), rate: rateOf(row) };
  }

  /**
   * Says whether a client is still what it was when a token was made for it, and has the key that it signed in with. Its other keys
   * may come and go. A change that is under way is waited for; one that comes after this look is told of with a time behind the
   * token's. So no token slips between the two.
   */
  async isUnchanged(client: PartnerClient, kid: unknown): Promise<boolean> {
    await this.parts.dataSource.query('/* partners.await */ SELECT 1 FROM partner_copy WHERE "partnerId" = $1 FOR SHARE', [
      client.partnerId,
    ]);
    const now = await this.find(client.clientId);
    if (!now?.keys.some((key) => key['kid'] === kid)) return false;
    return JSON.stringify({ ...now, keys: [] }) === JSON.stringify({ ...client, keys: [] });
  }

  /**
   * Gives the clients whose tokens of before an instant are refused, where it is `since` (milliseconds) or later.
   * @param apart - whether who asks is told of keys by themselves; else a key counts as its whole client
   */
  async endedSince(since: number, apart: boolean): Promise<{ id: string; endedAt: number }[]> {
    const rows: { id: string; at: Date }[] = await this.parts.dataSource.query(
      `/* partners.endedSince */ SELECT id, at FROM (
         SELECT c."clientId" AS id, c."refusedAt", CASE WHEN $3 THEN ${WHOLE_REFUSED_AT} ELSE c."refusedAt" END AS at
         FROM partner_client_copy c WHERE c."refusedAt" >= $1) AS ended
       WHERE at >= $1 ORDER BY "refusedAt", id LIMIT $2`,
      [this.from(since), TOLD_MAX, apart],
    );
    return rows.map(({ id, at: endedAt }) => ({ id, endedAt: endedAt.getTime() }));
  }

  /** The same of single keys: tokens that were got with them. */
  async keysEndedSince(since: number): Promise<{ clientId: string; kid: string; endedAt: number }[]> {
    const rows: { clientId: string; kid: string; refusedAt: Date }[] = await this.parts.dataSource.query(
      `/* partners.keysEndedSince */ SELECT "clientId", kid, "refusedAt" FROM partner_key_refusal
       WHERE "refusedAt" >= $1 ORDER BY "refusedAt", "clientId", kid LIMIT $2`,
      [this.from(since), TOLD_MAX],
    );
    return rows.map(({ refusedAt, ...key }) => ({ ...key, endedAt: refusedAt.getTime() }));
  }

  /** Gives the partners that have another rate since an instant that is `since` (milliseconds) or later: their tokens of before say the old one. */
  async ratesChangedSince(since: number): Promise<(PartnerRate & { partnerId: string; changedAt: number })[]> {
    const rows: (RateRow & { partnerId: string; rateChangedAt: Date })[] = await this.parts.dataSource.query(
      `/* partners.ratesChangedSince */ SELECT "partnerId", "ratePerSecond", "rateBurst", "rateCostMax", "rateChangedAt" FROM partner_copy
       WHERE "rateChangedAt" >= $1 ORDER BY "rateChangedAt", "partnerId" LIMIT $2`,
      [this.from(since), TOLD_MAX],
    );
    return rows.map((row) => ({ partnerId: row.partnerId, ...rateOf(row), changedAt: row.rateChangedAt.getTime() }));
  }

  private from(since: number): Date {
    return new Date(Math.max(since, this.parts.now().getTime() - TOLD_MS));
  }
}
