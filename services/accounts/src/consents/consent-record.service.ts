import { CONSENT_SCOPES, type ConsentScope } from '@tael/platform/identity';
import { inTransaction } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import type { Operator } from '../approvals/approval.handler';
import { reasonRefusals } from '../audit/audit.domain';
import { auditTrail } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { maskedName } from '../people/masked-name.domain';
import { whileSessionLives } from '../sessions/session.service';
import { type ConsentEndCause, type ConsentStatus, consentStatus } from './consent.domain';
import { endByOperator } from './consent.ending';
import { ConsentEntity } from './consent.entity';
import { partnerName } from './consent.service';

/** A consent as operators see it: whose it is by id and masked name, and of the wallets how many. */
export interface ConsentRecord extends Pick<ConsentEntity, 'id' | 'partnerId' | 'clientId' | 'personId' | 'givenAt' | 'expiresAt' | 'withdrawnAt'> {
  readonly partnerName: string;
  readonly personName: string;
  readonly scopes: readonly ConsentScope[];
  readonly walletCount: number;
  readonly status: ConsentStatus;
  readonly endedBy: ConsentEntity['withdrawnBy'];
}

/** Which consents, newest first; of each condition undefined where it does not matter. */
export interface ConsentRecordPage {
  readonly partnerId: string | undefined;
  readonly personId: string | undefined;
  readonly status: ConsentStatus | undefined;
  readonly limit: number;
  readonly after: string | undefined;
}

type Row = Omit<ConsentRecord, 'partnerName' | 'personName' | 'status'> & { readonly name: string | null; readonly displayName: string };

const RECORD = `SELECT c.id, c."partnerId", p.name, c."clientId", c."personId", r."displayName", c.scopes, cardinality(c."walletIds") AS "walletCount",
    c."givenAt", c."expiresAt", c."withdrawnAt", c."withdrawnBy" AS "endedBy"
  FROM consent c JOIN partner_copy p ON p."partnerId" = c."partnerId" JOIN person r ON r.id = c."personId"`;

// Greater than every id.
const UUID_MAX = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** How a consent stands, as its indexes know it; now is $2. */
const STANDS: Readonly<Record<ConsentStatus, string>> = {
  ACTIVE: 'c."withdrawnAt" IS NULL AND c."expiresAt" > $2',
  EXPIRED: 'c."withdrawnAt" IS NULL AND c."expiresAt" <= $2',
  // A condition that the index has and the primary key has not, since plans are made on small tables, too.
  WITHDRAWN: `c."withdrawnAt" > '-infinity' AND $2::timestamptz IS NOT NULL`,
};

/** Gives the statement for a set of filters: each has a text, and so a plan, of its own, which takes the index of what it asks for. */
export function recordsText({ isOfPartner, isOfPerson, status }: { isOfPartner: boolean; isOfPerson: boolean; status: ConsentStatus | undefined }): string {
  const filters = [isOfPartner && 'c."partnerId"', isOfPerson && 'c."personId"'].filter((column) => column !== false);
  return `/* consents.records */ ${RECORD}
    WHERE c.id < $1 ${filters.map((column, n) => `AND ${column} = $${n + 4}`).join(' ')}
      AND ${status === undefined ? '$2::timestamptz IS NOT NULL' : STANDS[status]} ORDER BY c.id DESC LIMIT $3`;
}

/** Consents as operators see and end them. */
export class ConsentRecordService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer; now: () => Date }) {}

  /** Gives a page of all consents, newest first. An id that is none has no consents. */
  async list({ partnerId, personId, status, limit, after }: ConsentRecordPage): Promise<ConsentRecord[]> {
    const [ofPartner, ofPerson] = [partnerId, personId].map((given) => (given === undefined ? null : uuidOf(given)));
    if (ofPartner === undefined || ofPerson === undefined) return [];
    const now = this.parts.now();
    const rows: Row[] = await this.parts.dataSource.query(
      recordsText({ isOfPartner: ofPartner !== null, isOfPerson: ofPerson !== null, status }),
      [after ?? UUID_MAX, now, limit, ...[ofPartner, ofPerson].filter((id) => id !== null)],
    );
    return rows.map((row) => this.shown(row, now));
  }

  async find(given: string): Promise<ConsentRecord | undefined> {
    const id = uuidOf(given);
    if (!id) return undefined;
    const [row]: Row[] = await this.parts.dataSource.query(`/* consents.record */ ${RECORD} WHERE c.id = $1`, [id]);
    return row && this.shown(row, this.parts.now());
  }

  trail(id: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.parts.dataSource, { kind: 'CONSENT', id }, page);
  }

  /** Ends a consent that stands, and says why in the trail. One that has ended already stays as it is, without an entry. */
  async end(by: Operator, command: { consentId: string; cause: ConsentEndCause; reason: string }): Promise<Outcome<{ consent: ConsentRecord }>> {
    const invalid = reasonRefusals(command.reason);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const { cause, reason } = command;
    const done = await inTransaction(this.parts.dataSource, (tx) => whileSessionLives(tx, by, async (): Promise<Outcome<{ id: string }>> => {
      const id = uuidOf(command.consentId);
      if (!id || !(await tx.existsBy(ConsentEntity, { id }))) return refuse('NOT_FOUND', ['input', 'consentId']);
      await endByOperator(tx, [id], { cause, actorId: by.personId, reason, at: this.parts.now(), traceparent: by.traceparent });
      return { ok: true, id };
    }));
    return done.ok ? { ok: true, consent: (await this.find(done.id))! } : done;
  }

  private shown({ name, displayName, ...row }: Row, now: Date): ConsentRecord {
    return {
      ...row,
      scopes: CONSENT_SCOPES.filter((scope) => row.scopes.includes(scope)),
      partnerName: partnerName(this.parts.sealer, row.partnerId, name),
      personName: maskedName(this.parts.sealer.open(displayName, row.personId)),
      status: consentStatus(row, now),
    };
  }
}
