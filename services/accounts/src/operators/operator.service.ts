import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { cancelRequestsOf } from '../approvals/approval.ending';
import { reasonRefusals } from '../audit/audit.domain';
import { audit, auditTrail } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { emailIndexes } from '../people/person.service';
import { endSessions } from '../sessions/session.service';

/** Who gives or takes the role, as the machine knows them, and why. */
export interface RoleChange {
  readonly email: string;
  readonly by: string;
  readonly reason: string;
}

/** Somebody who has the role. */
export interface OperatorView {
  readonly id: string;
  readonly displayName: string;
  readonly secondFactor: boolean;
  /** Null where the role was given before entries were kept, or by no command of ours. */
  readonly grantedAt: Date | null;
  readonly grantedBy: string | null;
  readonly reason: string | null;
}

interface Holder {
  readonly id: string;
  readonly roles: readonly string[];
}

const EMAIL = ['email'];

/**
 * The role of operators. No door gives it: only who may run a program with the settings of accounts, on its machine. Each change is an entry of the
 * trail in the transaction that makes it.
 */
export class OperatorService {
  constructor(private readonly parts: { readonly dataSource: DataSource; readonly sealer: Sealer; readonly now: () => Date }) {}

  /** Makes a person an operator; their next access token says so. */
  async grant(change: RoleChange): Promise<Outcome<{ personId: string }>> {
    return this.change(change, async (tx, person) => {
      if (person.roles.includes('OPERATOR')) return refuse('ALREADY_EXISTS', EMAIL);
      await this.keep(tx, person, change, { action: 'GRANTED', roles: [...person.roles, 'OPERATOR'] });
      return { ok: true, personId: person.id };
    });
  }

  /**
   * Takes the role away at once: it ends the person's sessions, so that no token with it is good for longer than gateways need to hear of that, and what
   * they asked for is not approved any more. Gives how many of both, and how many operators are left.
   */
  async revoke(change: RoleChange): Promise<Outcome<{ personId: string; sessions: number; requests: number; left: number }>> {
    return this.change(change, async (tx, person) => {
      if (!person.roles.includes('OPERATOR')) return refuse('NOT_ALLOWED', EMAIL);
      await this.keep(tx, person, change, { action: 'REVOKED', roles: person.roles.filter((role) => role !== 'OPERATOR') });
      const at = this.parts.now();
      // The sessions before the requests: whoever asks for something holds their session until it is kept.
      const sessions = await endSessions(tx, { personId: person.id, reason: 'ROLE_REVOKED', now: at });
      const requests = await cancelRequestsOf(tx, person.id, at);
      const [{ left }]: [{ left: number }] = await tx.query(
        `/* operators.count */ SELECT count(*)::int AS left FROM person WHERE 'OPERATOR' = ANY (roles)`,
      );
      return { ok: true, personId: person.id, sessions: sessions.length, requests, left };
    });
  }

  /** Does a change under the lock of the person's row: of two at once the second sees what the first did, and who signs in waits. */
  private async change<Done extends object>(
    { email, reason }: RoleChange, work: (tx: Tx, person: Holder) => Promise<Outcome<Done>>,
  ): Promise<Outcome<Done>> {
    const refusals = reasonRefusals(reason, ['reason']);
    if (refusals.length > 0) return { ok: false, refusals };
    return inTransaction(this.parts.dataSource, async (tx) => {
      const [person]: Holder[] = await tx.query(
        '/* operators.lock */ SELECT id, roles FROM person WHERE "emailIndex" = ANY ($1::text[]) FOR NO KEY UPDATE',
        [emailIndexes(this.parts.sealer, email)],
      );
      return person ? work(tx, person) : refuse('NOT_FOUND', EMAIL);
    });
  }

  private async keep(
    tx: Tx, person: Holder, { by, reason }: RoleChange, { action, roles }: { action: 'GRANTED' | 'REVOKED'; roles: readonly string[] },
  ): Promise<void> {
    await tx.query('/* operators.keep */ UPDATE person SET roles = $2 WHERE id = $1', [person.id, roles]);
    await audit(tx, { kind: 'OPERATOR', id: person.id }, {
      actorId: null, action, before: { roles: person.roles }, after: { roles, by }, reason, at: this.parts.now(),
    });
  }

  /** Gives who has the role, in the order of their ids. */
  async list({ after, limit }: { after: string | undefined; limit: number }): Promise<OperatorView[]> {
    const rows: OperatorView[] = await this.parts.dataSource.query(
      `/* operators.list */ SELECT p.id, p."displayName", e.at AS "grantedAt", e.after->>'by' AS "grantedBy", e.reason,
         EXISTS (SELECT 1 FROM totp_factor f WHERE f."personId" = p.id AND f."confirmedAt" IS NOT NULL) AS "secondFactor"
       FROM person p LEFT JOIN LATERAL (SELECT at, after, reason, action FROM audit_entry
           WHERE "subjectKind" = 'OPERATOR' AND "subjectId" = p.id::text ORDER BY id DESC LIMIT 1) e ON e.action = 'GRANTED'
       WHERE 'OPERATOR' = ANY (p.roles) AND ($1::uuid IS NULL OR p.id > $1::uuid) ORDER BY p.id LIMIT $2`,
      [after ?? null, limit],
    );
    return rows.map((row) => ({ ...row, displayName: this.parts.sealer.open(row.displayName, row.id) }));
  }

  trail(personId: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.parts.dataSource, { kind: 'OPERATOR', id: personId }, page);
  }
}
