import { egressTarget } from '@tael/platform/egress';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Refusal } from '../outcomes/refusal';

/** What a browser gives out when it subscribes. */
export interface PushTarget {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

export interface PushSubscription extends PushTarget {
  readonly id: string;
}

/** What endpoints are named for. */
export const ENDPOINT_PURPOSE = 'push-endpoint';
const SUBSCRIPTIONS_MAX = 20;
const BASE64URL = /^[\w-]{1,128}={0,2}$/;

function refusalsOf(target: PushTarget, allowHttp: boolean): Refusal[] {
  const refusals: Refusal[] = [];
  const refuse = (reason: string, field: string): void => {
    refusals.push({ code: 'INVALID_INPUT', reason, field: ['input', field] });
  };
  if (!egressTarget(target.endpoint, { allowHttp })) refuse('PUSH_ENDPOINT', 'endpoint');
  const point = BASE64URL.test(target.p256dh) ? Buffer.from(target.p256dh, 'base64url') : null;
  if (point?.length !== 65 || point[0] !== 4) refuse('PUSH_KEY', 'p256dh');
  if (!BASE64URL.test(target.auth) || Buffer.from(target.auth, 'base64url').length !== 16) refuse('PUSH_KEY', 'auth');
  return refusals;
}

/** Keeps the browsers that take web pushes for people, sealed. */
export class PushSubscriptionService {
  constructor(
    private readonly parts: { dataSource: DataSource; sealer: Sealer; now: () => Date; allowHttp: boolean },
  ) {}

  /**
   * Registers a browser for a person. One that was registered before, for whomever, now stands for this person alone;
   * of more than 20 the oldest go. Refused: INVALID_INPUT.
   */
  async register(personId: string, target: PushTarget): Promise<{ ok: true } | { ok: false; refusals: Refusal[] }> {
    const { dataSource, sealer, now, allowHttp } = this.parts;
    const refusals = refusalsOf(target, allowHttp);
    if (refusals.length > 0) return { ok: false, refusals };
    const { endpoint, p256dh, auth } = target;
    const names = sealer.blindIndexes(endpoint, ENDPOINT_PURPOSE);
    await inTransaction(dataSource, async (tx) => {
      // While keys turn it may stand under the name of another key. Of two who register it at the same time, in instances of
      // which one is a step ahead, both know one name in common: the second waits here.
      await tx.query(
        `/* push.lock */ SELECT pg_advisory_xact_lock(hashtextextended(name, 0))
         FROM (SELECT name FROM unnest($1::text[]) AS u (name) ORDER BY name) AS n`,
        [names],
      );
      await tx.query(
        '/* push.rename */ UPDATE push_subscription SET "endpointIndex" = $2 WHERE "endpointIndex" = ANY ($1::text[])',
        [names, names[0]],
      );
      await tx.query(
        `/* push.register */ INSERT INTO push_subscription (id, "personId", "endpointIndex", "endpointIndexKey", target,
           "createdAt") VALUES ($1, $2, $3, $6, $4, $5)
         ON CONFLICT ("endpointIndex") DO UPDATE SET "personId" = excluded."personId", target = excluded.target,
           "endpointIndexKey" = excluded."endpointIndexKey", "createdAt" = excluded."createdAt"`,
        [
          uuidv7(), personId, names[0], sealer.seal(JSON.stringify({ endpoint, p256dh, auth }), personId), now(),
          sealer.keyId,
        ],
      );
      await tx.query(
        `/* push.bound */ DELETE FROM push_subscription WHERE id IN (
           SELECT id FROM push_subscription WHERE "personId" = $1 ORDER BY "createdAt" DESC, id DESC OFFSET
           ${SUBSCRIPTIONS_MAX})`,
        [personId],
      );
    });
    return { ok: true };
  }

  async of(personId: string): Promise<PushSubscription[]> {
    const rows: { id: string; target: string }[] = await this.parts.dataSource.query(
      `/* push.of */ SELECT id, target FROM push_subscription WHERE "personId" = $1 ORDER BY "createdAt" DESC LIMIT
        ${SUBSCRIPTIONS_MAX}`,
      [personId],
    );
    return rows.map(({ id, target }) => ({
      id,
      ...(JSON.parse(this.parts.sealer.open(target, personId)) as PushTarget),
    }));
  }

  /** Says who of these people has a browser that takes pushes. */
  async whoHas(personIds: readonly string[], tx: Tx | DataSource = this.parts.dataSource): Promise<Set<string>> {
    if (personIds.length === 0) return new Set();
    const rows: { personId: string }[] = await tx.query(
      `/* push.who-has */ SELECT DISTINCT "personId" FROM push_subscription WHERE "personId" = ANY($1::uuid[])`,
      [personIds],
    );
    return new Set(rows.map((row) => row.personId));
  }

  async remove(id: string): Promise<void> {
    await this.parts.dataSource.query('/* push.remove */ DELETE FROM push_subscription WHERE id = $1', [id]);
  }
}
