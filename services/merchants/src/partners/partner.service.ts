import { inTransaction, type Tx } from '@tael/platform/postgres';
import { CONSENT_SCOPES, PARTNER_SCOPES } from '@tael/platform/identity';
import { randomBytes } from 'node:crypto';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { auditTrail } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import {
  decideInvitation,
  decideRate,
  decideRevocation,
  DEFAULT_RATE,
  INVITATION_DAYS,
  isSameRate,
  type InvitationCommand,
  keptOut,
  type Partner,
  type PartnerStatus,
  type RateCommand,
  readReason,
  readScopes,
} from './partner.domain';
import { PartnerClientEntity, PartnerEntity, PartnerInvitationEntity } from './partner.entity';
import {
  type Asking,
  findPartners,
  PARTNER_SUBJECT,
  type PartnerChanges,
  type PartnerOutcome,
  rateOf,
  revokeKey,
  shown,
} from './partner-changes.service';
import { sha256 } from './partner-key.service';

/** What a client may be given: the bank's own, and what a person may let it see. */
const SCOPES = [...PARTNER_SCOPES, ...CONSENT_SCOPES];

/** The code of an invitation, told once, and until when it holds. */
export interface InvitationCode {
  readonly code: string;
  readonly expiresAt: Date;
}

type Invited = { readonly invitation: InvitationCode };

/** Who may see a partner: operators all of them, a bank itself. */
export interface PartnerViewer {
  readonly isOperator: boolean;
  readonly partnerId: string | null;
}

interface Reasoned {
  readonly partnerId: string;
  readonly reason: string;
}

/** What operators do about partners, and what is shown of them. */
export class PartnerService {
  constructor(private readonly changes: PartnerChanges) {}

  /** Takes a bank in and gives the code with which it registers its first client. Refusals: INVALID_INPUT, NOT_ALLOWED. */
  async invite(command: InvitationCommand, asking: Asking): Promise<PartnerOutcome<Invited>> {
    const decision = decideInvitation(command, SCOPES, this.changes.parts);
    if (!decision.ok) return decision;
    const { dataSource, sealer, now: clock } = this.changes.parts;
    const { reason, scopes, ...columns } = decision.plan;
    return inTransaction(dataSource, async (tx) => {
      const [id, now] = [uuidv7(), clock()];
      await tx.insert(PartnerEntity, {
        ...columns,
        id,
        status: 'ACTIVE',
        ratePerSecond: DEFAULT_RATE.perSecond,
        rateBurst: DEFAULT_RATE.burst,
        version: 1,
        toldUnder: sealer.keyId,
        createdAt: now,
      });
      const { told, ...invitation } = await insertInvitation(tx, { partnerId: id, scopes, now });
      const after = { environment: columns.environment, status: 'ACTIVE', rate: DEFAULT_RATE, ...told };
      const partner = await this.changes.record(tx, id, {
        ...asking,
        change: { action: 'INVITED', before: null, after, reason },
        now,
      });
      return { ok: true, partner: shown(partner), invitation };
    });
  }

  /**
   * Gives a new code, where the last was lost or has expired, or for one more client. The codes before end. Without scopes
   * it has those of the last. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.
   */
  async renewInvitation(
    command: Reasoned & { scopes: readonly string[] | undefined },
    asking: Asking,
  ): Promise<PartnerOutcome<Invited>> {
    const reason = readReason(command.reason);
    if (!reason.ok) return reason;
    const given = command.scopes === undefined ? undefined : readScopes(command.scopes, SCOPES);
    if (given && !given.ok) return given;
    return this.changes.change<Invited>(command.partnerId, asking, async (tx, { id: partnerId, status, environment }, now) => {
      const kept = keptOut(environment, this.changes.parts, ['input', 'partnerId']);
      if (kept.length > 0) return { refusals: kept };
      if (status === 'SUSPENDED')
        return { refusals: [{ code: 'NOT_ALLOWED', reason: 'PARTNER_SUSPENDED', field: ['input', 'partnerId'] }] };
      const [last] = await tx.find(PartnerInvitationEntity, { where: { partnerId }, order: { id: 'DESC' }, take: 1 });
      const scopes = given?.plan ?? last?.scopes ?? [];
      await tx.query(
        `/* partner-invitations.end */ UPDATE partner_invitation SET "expiresAt" = $2
         WHERE "partnerId" = $1 AND "usedAt" IS NULL AND "expiresAt" > $2`,
        [partnerId, now],
      );
      const { told, ...invitation } = await insertInvitation(tx, { partnerId, scopes, now });
      return {
        change: { action: 'INVITATION_RENEWED', before: null, after: told, reason: reason.plan },
        extra: { invitation },
      };
    });
  }

  /** Shuts a partner out at once, tokens that it has included, or lets it back in. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  async setStatus(command: Reasoned, status: PartnerStatus, asking: Asking): Promise<PartnerOutcome> {
    const reason = readReason(command.reason);
    if (!reason.ok) return reason;
    return this.changes.change(command.partnerId, asking, async (tx, partner, now) => {
      if (partner.status === status) return { unchanged: true, extra: {} };
      const kept = status === 'ACTIVE' ? keptOut(partner.environment, this.changes.parts, ['input', 'partnerId']) : [];
      if (kept.length > 0) return { refusals: kept };
      await tx.update(PartnerEntity, { id: partner.id }, { status });
      if (status === 'SUSPENDED')
        await tx.update(PartnerClientEntity, { partnerId: partner.id }, { tokensRefusedUntil: now });
      const action = status === 'SUSPENDED' ? 'SUSPENDED' : 'RESUMED';
      return {
        change: { action, before: { status: partner.status }, after: { status }, reason: reason.plan },
        extra: {},
      };
    });
  }

  /** Sets what a partner's door may be asked for. Refusals: INVALID_INPUT, NOT_FOUND. */
  async setRate(command: Reasoned & RateCommand, asking: Asking): Promise<PartnerOutcome> {
    // What it is until now is looked at under the lock, and cannot make a good command a bad one.
    const [rate, reason] = [decideRate(command, null), readReason(command.reason)];
    if (!rate.ok || !reason.ok)
      return { ok: false, refusals: [rate, reason].flatMap((one) => (one.ok ? [] : one.refusals)) };
    return this.changes.change(command.partnerId, asking, async (tx, partner) => {
      const before = rateOf(partner);
      const decision = decideRate(command, before.costMax);
      if (!decision.ok) return { refusals: decision.refusals };
      const { perSecond, burst, costMax } = decision.plan;
      if (isSameRate(before, decision.plan)) return { unchanged: true, extra: {} };
      await tx.update(PartnerEntity, { id: partner.id }, { ratePerSecond: perSecond, rateBurst: burst, rateCostMax: costMax });
      return {
        change: { action: 'RATE_SET', before: { rate: before }, after: { rate: decision.plan }, reason: reason.plan },
        extra: {},
      };
    });
  }

  /** Revokes a key, and with the last one its client. Refusals: INVALID_INPUT, NOT_FOUND. */
  async revokeKey(command: Reasoned & { clientId: string; kid: string }, asking: Asking): Promise<PartnerOutcome> {
    const reason = readReason(command.reason);
    if (!reason.ok) return reason;
    const { clientId, kid } = command;
    return this.changes.change(command.partnerId, asking, async (tx, partner, now) => {
      const client = partner.clients.find(({ id }) => id === clientId.toLowerCase());
      const decision = decideRevocation(client, kid, now);
      if (!decision.ok || !client) return { refusals: decision.ok ? [] : decision.refusals };
      if (decision.plan === 'UNCHANGED') return { unchanged: true, extra: {} };
      const andClient = decision.plan === 'REVOKE_CLIENT';
      await revokeKey(
        tx,
        { partnerId: partner.id, clientId: client.id, kid },
        { actorId: asking.actor.id, now, andClient },
      );
      const states = (key: string, of: string) => ({ clientId: client.id, kid, key, client: of });
      const [before, after] = [
        states('ACTIVE', client.status),
        states('REVOKED', andClient ? 'REVOKED' : client.status),
      ];
      return { change: { action: 'KEY_REVOKED', before, after, reason: reason.plan }, extra: {} };
    });
  }

  /** Gives those of the partners that exist and that the viewer may see, by id. */
  async findVisible(ids: readonly string[], viewer: PartnerViewer): Promise<Map<string, Partner>> {
    const wanted = ids
      .map((id) => id.toLowerCase())
      .filter((id) => isUuid(id) && (viewer.isOperator || id === viewer.partnerId));
    if (wanted.length === 0) return new Map();
    const found = await findPartners(this.changes.parts.dataSource, wanted);
    return new Map(found.map((partner) => [partner.id, partner]));
  }

  /** Gives up to `page.limit` partners, in the order of their invitation. For operators. */
  async list(page: { limit: number; after: string | undefined }): Promise<Partner[]> {
    const rows: { id: string }[] = await this.changes.parts.dataSource.query(
      `/* partners.list */ SELECT id FROM partner WHERE id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') ORDER BY id LIMIT $2`,
      [page.after ?? null, page.limit],
    );
    const found = await findPartners(
      this.changes.parts.dataSource,
      rows.map(({ id }) => id),
    );
    return found.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Gives up to `page.limit` changes of a partner, the newest first. For operators. */
  async trail(partnerId: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.changes.parts.dataSource, { kind: PARTNER_SUBJECT, id: partnerId }, page);
  }
}

const DAY_MS = 86_400_000;

async function insertInvitation(
  tx: Tx,
  { partnerId, scopes, now }: { partnerId: string; scopes: readonly string[]; now: Date },
): Promise<InvitationCode & { told: Record<string, unknown> }> {
  const [id, code] = [uuidv7(), `tpi_${randomBytes(32).toString('base64url')}`];
  const expiresAt = new Date(now.getTime() + INVITATION_DAYS * DAY_MS);
  await tx.insert(PartnerInvitationEntity, {
    id,
    partnerId,
    codeHash: sha256(code),
    scopes: [...scopes],
    expiresAt,
    usedAt: null,
  });
  return { code, expiresAt, told: { invitationId: id, scopes, expiresAt: expiresAt.toISOString() } };
}
