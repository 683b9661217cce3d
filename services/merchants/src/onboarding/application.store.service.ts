import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource, EntityManager } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { audit, type AuditedChange } from '../audit/audit.service';
import type { Viewer } from '../merchants/merchant.domain';
import { type ApplicationRefusal, type ApplicationStatus, type BusinessDetails, decideStep, type Step } from './application.domain';
import type { ApplicationEntity } from './application.entity';

export const APPLICATION_SUBJECT = 'MERCHANT_APPLICATION';
/** What the trail says of what applicants do: they give no reason. */
export const BY_APPLICANT = 'By the applicant';

/** An application as the API shows it. */
export interface Application {
  readonly id: string;
  readonly applicantId: string;
  readonly merchantId: string | null;
  readonly status: ApplicationStatus;
  readonly business: BusinessDetails | null;
  readonly message: string | null;
  readonly createdAt: Date;
  readonly submittedAt: Date | null;
  readonly decidedAt: Date | null;
}

export type Refused = { readonly ok: false; readonly refusals: readonly ApplicationRefusal[] };
export type Outcome<Done extends object> = ({ readonly ok: true } & Done) | Refused;

/** Who asks, and the trace that events continue. */
export interface Asking {
  readonly viewer: Viewer;
  readonly traceparent: string;
}

export interface OnboardingParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly now: () => Date;
}

/** What is written of a step. */
export interface Stepped {
  readonly set?: Partial<Pick<ApplicationEntity, 'details' | 'message' | 'merchantId' | 'reviewerId' | 'submittedAt' | 'decidedAt' | 'erasedAt'>>;
  readonly change: Pick<AuditedChange, 'action' | 'reason'> & { before?: Readonly<Record<string, unknown>>; after?: Readonly<Record<string, unknown>> };
}

export function refused(code: ApplicationRefusal['code'], field: string, reason?: string): Refused {
  return { ok: false, refusals: [{ code, ...(reason ? { reason } : {}), field: ['input', field] }] };
}

/** Keeps applications: a step is one transaction, under the lock of the application's row, with its entry in the trail. */
export class ApplicationStore {
  constructor(readonly parts: OnboardingParts) {}

  /** Takes a step, if the rules let this viewer; `work` does what goes with it, in the same transaction. */
  async step(
    applicationId: string, step: Step, { viewer }: Asking,
    work: (tx: Tx, found: ApplicationEntity, now: Date) => Promise<Stepped | Refused>,
  ): Promise<Outcome<{ application: Application }>> {
    return inTransaction(this.parts.dataSource, async (tx) => {
      const taken = await this.take(tx, applicationId, step, viewer);
      if (!taken.ok) return taken;
      if (!taken.repeated) {
        const done = await this.write(tx, taken.found, { next: taken.next, viewer, work });
        if (done) return done;
      }
      return { ok: true, application: (await this.find([applicationId], tx))[0]! };
    });
  }

  /** Locks an application for a step, or says why it cannot be taken. */
  async take(tx: Tx, applicationId: string, step: Step, viewer: Viewer) {
    const [found]: ApplicationEntity[] = isUuid(applicationId)
      ? await tx.query('/* applications.lock */ SELECT * FROM merchant_application WHERE id = $1 FOR NO KEY UPDATE', [applicationId])
      : [];
    const decided = decideStep(found, step, viewer);
    return decided.ok ? { ...decided, found: found! } : ({ ok: false, refusals: [decided.refusal] } as const);
  }

  private async write(
    tx: Tx, found: ApplicationEntity,
    { next, viewer, work }: { next: ApplicationStatus; viewer: Viewer; work: (tx: Tx, found: ApplicationEntity, now: Date) => Promise<Stepped | Refused> },
  ): Promise<Refused | undefined> {
    const now = this.parts.now();
    const done = await work(tx, found, now);
    if ('refusals' in done) return done;
    const { id, merchantId, details, message, reviewerId, submittedAt, decidedAt, erasedAt } = { ...found, ...done.set };
    await tx.query(
      `/* applications.step */ UPDATE merchant_application SET status = $2, "merchantId" = $3, details = $4, message = $5, "reviewerId" = $6,
         "submittedAt" = $7, "decidedAt" = $8, "erasedAt" = $9, "updatedAt" = $10 WHERE id = $1`,
      [id, next, merchantId, details, message, reviewerId, submittedAt, decidedAt, erasedAt, now],
    );
    const { action, reason, before, after } = done.change;
    await this.trail(tx, id, viewer, {
      action, reason, before: { status: found.status, ...before }, after: { status: next, ...after },
    });
    return undefined;
  }

  /** Writes an entry about an application. */
  async trail(tx: Tx, id: string, viewer: Viewer, change: Omit<AuditedChange, 'actor'>): Promise<void> {
    const actor = { kind: 'PERSON', id: viewer.personId } as const;
    await audit(tx, { kind: APPLICATION_SUBJECT, id }, { ...change, actor, at: this.parts.now() });
  }

  /** Gives applications by id, whoever asks. */
  async find(ids: readonly string[], manager: EntityManager = this.parts.dataSource.manager): Promise<Application[]> {
    const rows: ApplicationEntity[] = await manager.query(
      '/* applications.find */ SELECT * FROM merchant_application WHERE id = ANY ($1::uuid[])', [ids.filter((id) => isUuid(id))],
    );
    return rows.map((row) => this.shown(row));
  }

  /** Gives up to `page.limit` applications in the order in which they were begun: an operator's are all, everybody else's their own. */
  async list(
    filter: { status: ApplicationStatus | undefined }, viewer: Viewer, page: { limit: number; after: string | undefined },
  ): Promise<Application[]> {
    const rows: ApplicationEntity[] = await this.parts.dataSource.query(
      `/* applications.list */ SELECT * FROM merchant_application
       WHERE ($1::boolean OR "applicantId" = $2) AND ($3::text IS NULL OR status = $3)
         AND id > coalesce($4::uuid, '00000000-0000-0000-0000-000000000000') ORDER BY id LIMIT $5`,
      [viewer.isOperator, viewer.personId, filter.status ?? null, page.after ?? null, page.limit],
    );
    return rows.map((row) => this.shown(row));
  }

  private shown(row: ApplicationEntity): Application {
    const { id, details, message } = row;
    const { applicantId, merchantId, status, createdAt, submittedAt, decidedAt } = row;
    return {
      id, applicantId, merchantId, status, createdAt, submittedAt, decidedAt,
      business: details === null ? null : (JSON.parse(this.parts.sealer.open(details, id)) as BusinessDetails),
      message: message === null ? null : this.parts.sealer.open(message, id),
    };
  }
}
