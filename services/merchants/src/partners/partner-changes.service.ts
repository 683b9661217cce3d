import { type EventData, toMessage } from '@tael/events';
import { appendToOutbox } from '@tael/platform/outbox';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import { carriedOn } from '@tael/platform/telemetry';
import { type DataSource, In } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { type Actor, audit, type AuditedChange } from '../audit/audit.service';
import type { Partner, PartnerRefusal, Rate } from './partner.domain';
import { PartnerClientEntity, PartnerEntity, PartnerKeyEntity } from './partner.entity';
import { forgive } from '../webhooks/webhook.pause';
import type { Candidate } from './partner-key.service';

export type PartnerOutcome<Extra = object> =
  | ({ readonly ok: true; readonly partner: Partner } & Extra)
  | { readonly ok: false; readonly refusals: readonly PartnerRefusal[] };

/** What became of a wish to change a partner whose row is locked: refused, nothing to do, or done and to be told. */
export type Verdict<Extra> =
  | { readonly refusals: readonly PartnerRefusal[] }
  | { readonly unchanged: true; readonly extra: Extra }
  | { readonly change: Omit<AuditedChange, 'actor'>; readonly extra: Extra };

/** Who asks for a change, and in which trace. */
export interface Asking {
  readonly actor: Actor;
  readonly traceparent: string;
}

export interface PartnerParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly now: () => Date;
  /** The time by which banks sign proofs. */
  readonly real: () => Date;
  /** Whether banks of the environment SANDBOX are let in. */
  readonly sandboxPartners: boolean;
}

export const PARTNER_SUBJECT = 'PARTNER';

export const rateOf = (partner: PartnerEntity): Rate => ({ perSecond: partner.ratePerSecond, burst: partner.rateBurst, costMax: partner.rateCostMax });

const WHOLE = { clients: { keys: true } } as const;

/**
 * The one way to change a partner: under the lock of its row, with the next version, an entry of the audit trail and
 * `partner.changed` with its whole state, in one transaction.
 */
export class PartnerChanges {
  constructor(readonly parts: PartnerParts) {}

  /** Changes a partner as `decide` says, which may write through the open transaction. Refusals: NOT_FOUND and those of `decide`. */
  async change<Extra extends object>(
    partnerId: string,
    asking: Asking,
    decide: (tx: Tx, partner: PartnerEntity, now: Date) => Promise<Verdict<Extra>>,
  ): Promise<PartnerOutcome<Extra>> {
    const missing = { ok: false, refusals: [{ code: 'NOT_FOUND', field: ['input', 'partnerId'] }] } as const;
    if (!isUuid(partnerId)) return missing;
    return inTransaction(this.parts.dataSource, async (tx) => {
      const [locked] = await tx.query('/* partners.lock */ SELECT id FROM partner WHERE id = $1 FOR UPDATE', [
        partnerId,
      ]);
      if (!locked) return missing;
      const partner = await whole(tx, partnerId);
      const now = notBefore(this.parts.now(), partner);
      const wasLetIn = isLetIn(partner);
      const verdict = await decide(tx, partner, now);
      if ('refusals' in verdict) return { ok: false, refusals: verdict.refusals };
      if ('unchanged' in verdict) return { ok: true, partner: shown(partner), ...verdict.extra };
      await tx.update(
        PartnerEntity,
        { id: partnerId },
        { version: partner.version + 1, toldUnder: this.parts.sealer.keyId },
      );
      const changed = await this.record(tx, partnerId, { ...asking, change: verdict.change, now });
      if (!wasLetIn && isLetIn(changed)) await forgive(tx, partnerId);
      return { ok: true, partner: shown(changed), ...verdict.extra };
    });
  }

  /** Writes trail and event of a change whose rows are written. */
  async record(
    tx: Tx,
    partnerId: string,
    { actor, traceparent, change, now }: Asking & { change: Omit<AuditedChange, 'actor'>; now: Date },
  ): Promise<PartnerEntity> {
    await audit(tx, { kind: PARTNER_SUBJECT, id: partnerId }, { ...change, actor, at: now });
    const partner = await whole(tx, partnerId);
    await this.tell(tx, partner, { traceparent, now });
    return partner;
  }

  /**
   * Tells the present state of partners again, whose rows the caller has locked, with the name sealed under the key of now:
   * events stay for ever, and the key of the last one will not.
   */
  async tellAgain(tx: Tx, ids: readonly string[]): Promise<void> {
    for (const partner of await tx.find(PartnerEntity, { where: { id: In([...ids]) }, relations: WHOLE })) {
      partner.version += 1;
      const { version } = partner;
      await tx.update(PartnerEntity, { id: partner.id }, { version, toldUnder: this.parts.sealer.keyId });
      await this.tell(tx, partner, { traceparent: carriedOn(undefined), now: this.parts.now() });
    }
  }

  private async tell(
    tx: Tx,
    partner: PartnerEntity,
    { traceparent, now }: { traceparent: string; now: Date },
  ): Promise<void> {
    const message = toMessage(
      'partner.changed',
      {
        partnerId: partner.id,
        version: partner.version,
        name: this.parts.sealer.seal(partner.name, partner.id),
        status: partner.status,
        environment: partner.environment,
        rate: { perSecond: partner.ratePerSecond, burst: partner.rateBurst, costMax: partner.rateCostMax ?? undefined },
        clients: byAge(partner.clients).map(({ id, status, authentication, scopes, tokensRefusedUntil, keys, redirectUris }) => ({
          clientId: id,
          status,
          authentication,
          scopes,
          keys: keys.filter((key) => key.status === 'ACTIVE').map(toldKey),
          tokensRefusedUntil,
          redirectUris,
        })),
        occurredAt: now,
      },
      { source: 'merchants', time: now, traceparent },
    );
    await appendToOutbox(tx, [message]);
  }
}

const isLetIn = ({ status, clients }: PartnerEntity): boolean => status === 'ACTIVE' && clients.some((client) => client.status === 'ACTIVE');

/** Inserts keys of a client. That nobody else holds them was decided under {@link holdKeys}. */
export async function insertKeys(
  tx: Tx,
  client: { readonly id: string; readonly partnerId: string },
  keys: readonly Candidate[],
  now: Date,
): Promise<void> {
  await tx.insert(
    PartnerKeyEntity,
    keys.map(({ kid, thumbprint, jwk, alg: _alg, certificate, expiresAt }) => ({
      clientId: client.id,
      partnerId: client.partnerId,
      kid,
      thumbprint,
      jwk: jwk as object,
      certificate,
      status: 'ACTIVE' as const,
      addedAt: now,
      revokedAt: null,
      revokedBy: null,
      expiresAt,
      toldDays: null,
    })),
  );
}

/** Says whether anybody has or had one of these keys; until the transaction ends nobody else can register them. */
export async function holdKeys(tx: Tx, keys: readonly Candidate[]): Promise<boolean> {
  const thumbprints = keys.map(({ thumbprint }) => thumbprint).sort();
  await tx.query(
    '/* partner-keys.hold */ SELECT pg_advisory_xact_lock(hashtextextended(t, 0)) FROM unnest($1::text[]) AS t',
    [thumbprints],
  );
  const found: unknown[] = await tx.query(
    '/* partner-keys.held */ SELECT 1 FROM partner_key WHERE thumbprint = ANY ($1::text[]) LIMIT 1',
    [thumbprints],
  );
  return found.length > 0;
}

/** Revokes a key of a partner's client. accounts ends the tokens that were got with it; one that knows of no keys goes by the instant, and ends all of the client. */
export async function revokeKey(
  tx: Tx,
  key: { readonly partnerId: string; readonly clientId: string; readonly kid: string },
  by: { readonly actorId: string; readonly now: Date; readonly andClient: boolean },
): Promise<void> {
  await tx.update(PartnerKeyEntity, key, { status: 'REVOKED', revokedAt: by.now, revokedBy: by.actorId });
  const { partnerId, clientId: id } = key;
  await tx.update(
    PartnerClientEntity,
    { partnerId, id },
    { tokensRefusedUntil: by.now, ...(by.andClient ? { status: 'REVOKED' } : {}) },
  );
}

/** The instant of a change: read under the lock, and never before one that tokens are refused until, whatever another instance's clock said. */
function notBefore(now: Date, { clients }: PartnerEntity): Date {
  return new Date(
    Math.max(now.getTime(), ...clients.map(({ tokensRefusedUntil }) => tokensRefusedUntil?.getTime() ?? 0)),
  );
}

function whole(tx: Tx, id: string): Promise<PartnerEntity> {
  return tx.findOneOrFail(PartnerEntity, { where: { id }, relations: WHOLE });
}

/** Gives those of the partners that exist, each whole. */
export async function findPartners(dataSource: DataSource, ids: readonly string[]): Promise<Partner[]> {
  const rows = await dataSource.getRepository(PartnerEntity).find({ where: { id: In([...ids]) }, relations: WHOLE });
  return rows.map(shown);
}

const PEM_FRAME = /-----[A-Z ]+-----|\s/g;

function toldKey({ kid, jwk, certificate, expiresAt }: PartnerKeyEntity): EventData<'partner.changed'>['clients'][number]['keys'][number] {
  const alg = jwk.kty === 'EC' ? 'ES256' : 'PS256';
  const x5c = certificate === null ? {} : { x5c: [certificate.replace(PEM_FRAME, '')] };
  const exp = expiresAt === null ? {} : { exp: Math.floor(expiresAt.getTime() / 1_000) };
  return { ...jwk, kid, alg, use: 'sig', ...x5c, ...exp };
}

const byAge = (clients: readonly PartnerClientEntity[]): PartnerClientEntity[] =>
  [...clients].sort((a, b) => (a.id < b.id ? -1 : 1));

/** Gives a partner as the API shows it: clients and keys in the order in which they came. */
export function shown(partner: PartnerEntity): Partner {
  const { id, name, environment, status, createdAt } = partner;
  const clients = byAge(partner.clients).map((client) => ({
    id: client.id,
    authentication: client.authentication,
    status: client.status,
    scopes: client.scopes,
    redirectUris: client.redirectUris,
    createdAt: client.createdAt,
    tokensRefusedUntil: client.tokensRefusedUntil,
    keys: [...client.keys]
      .sort((a, b) => a.addedAt.getTime() - b.addedAt.getTime() || (a.kid < b.kid ? -1 : 1))
      .map(({ kid, thumbprint, status: keyStatus, addedAt, revokedAt, expiresAt }) => ({
        kid,
        thumbprint,
        status: keyStatus,
        addedAt,
        revokedAt,
        expiresAt,
      })),
  }));
  return {
    id,
    name,
    environment,
    status,
    rate: rateOf(partner),
    createdAt,
    clients,
  };
}
