import { inTransaction, type Tx } from '@tael/platform/postgres';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { isCategoryCode } from '../categories/category.domain';
import { CategoryEntity } from '../categories/category.entity';
import type { Viewer } from '../merchants/merchant.domain';
import { type BusinessDetails, OPEN_STATUSES, readDetails } from './application.domain';
import {
  type Application, type ApplicationStore, type Asking, BY_APPLICANT, type Outcome, refused, type Refused,
} from './application.store.service';
import { submissionFault } from './document.domain';
import { eraseDocuments, readStates } from './document.rows.service';

/** How many applications of a person may be open: with ten documents each, that bounds what somebody can store here. */
const OPEN_MAX = 2;

/** What an applicant does: from the draft to the submission, and back out of it. */
export class ApplicationService {
  constructor(private readonly store: ApplicationStore) {}

  /**
   * Begins an application, for a new business or for a merchant of one's own. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED,
   * ALREADY_EXISTS, LIMIT_EXCEEDED.
   */
  async begin(
    command: { merchantId: string | undefined; business: BusinessDetails }, { viewer }: Asking,
  ): Promise<Outcome<{ application: Application }>> {
    const { dataSource, sealer, now } = this.store.parts;
    return inTransaction(dataSource, async (tx) => {
      const read = await this.read(tx, command.business);
      if (!read.ok) return read;
      const denied = command.merchantId === undefined ? undefined : await this.denied(tx, command.merchantId, viewer);
      if (denied) return denied;
      await tx.query('/* applications.one-at-a-time */ SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`merchant-applications/${viewer.personId}`]);
      const [{ open }] = await tx.query(
        '/* applications.open */ SELECT count(*)::int AS open FROM merchant_application WHERE "applicantId" = $1 AND status = ANY ($2)',
        [viewer.personId, OPEN_STATUSES],
      );
      if (open >= OPEN_MAX) return { ok: false, refusals: [{ code: 'LIMIT_EXCEEDED', reason: 'APPLICATIONS', field: ['input'] }] };
      const id = uuidv7();
      const made: unknown[] = await tx.query(
        `/* applications.begin */ INSERT INTO merchant_application (id, "applicantId", "merchantId", status, details, "createdAt", "updatedAt")
         VALUES ($1, $2, $3, 'DRAFT', $4, $5, $5) ON CONFLICT DO NOTHING RETURNING 1`,
        [id, viewer.personId, command.merchantId ?? null, sealer.seal(JSON.stringify(read.details), id), now()],
      );
      if (made.length === 0) return refused('ALREADY_EXISTS', 'merchantId', 'APPLICATION');
      await this.store.trail(tx, id, viewer, { action: 'BEGUN', before: null, after: { status: 'DRAFT' }, reason: BY_APPLICANT });
      return { ok: true, application: (await this.store.find([id], tx))[0]! };
    });
  }

  /** Says anew what the business is. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  async update(command: { applicationId: string; business: BusinessDetails }, asking: Asking): Promise<Outcome<{ application: Application }>> {
    return this.store.step(command.applicationId, 'EDIT', asking, async (tx, { id }) => {
      const read = await this.read(tx, command.business);
      if (!read.ok) return read;
      return { set: { details: this.store.parts.sealer.seal(JSON.stringify(read.details), id) }, change: { action: 'UPDATED', reason: BY_APPLICANT } };
    });
  }

  /** Hands an application in for review; one that is handed in is answered as it is. Refusals: NOT_FOUND, NOT_ALLOWED. */
  async submit(applicationId: string, asking: Asking): Promise<Outcome<{ application: Application }>> {
    return this.store.step(applicationId, 'SUBMIT', asking, async (tx, { id }, now) => {
      const documents = await readStates(tx, id);
      const fault = submissionFault(documents);
      if (fault) return refused('NOT_ALLOWED', 'applicationId', fault);
      const after = { documents: documents.map((document) => document.id) };
      return { set: { submittedAt: now, reviewerId: null, message: null }, change: { action: 'SUBMITTED', after, reason: BY_APPLICANT } };
    });
  }

  /** Takes an application back: what was said and sent is erased at once. Refusals: NOT_FOUND, NOT_ALLOWED. */
  async withdraw(applicationId: string, asking: Asking): Promise<Outcome<{ application: Application }>> {
    return this.store.step(applicationId, 'WITHDRAW', asking, async (tx, { id }, now) => {
      await eraseDocuments(tx, [id]);
      return { set: { details: null, message: null, erasedAt: now }, change: { action: 'WITHDRAWN', reason: BY_APPLICANT } };
    });
  }

  private async read(tx: Tx, business: BusinessDetails): Promise<ReturnType<typeof readDetails>> {
    const { categoryCode } = business;
    const category = isCategoryCode(categoryCode) && (await tx.existsBy(CategoryEntity, { code: categoryCode }));
    return readDetails(business, { category });
  }

  private async denied(tx: Tx, merchantId: string, viewer: Viewer): Promise<Refused | undefined> {
    const [merchant]: { role: string | null; verified: boolean }[] = isUuid(merchantId)
      ? await tx.query(
          `/* applications.merchant */ SELECT p.role, m."verifiedAt" IS NOT NULL AS verified FROM merchant m
           LEFT JOIN merchant_person p ON p."merchantId" = m.id AND p."personId" = $2 WHERE m.id = $1`,
          [merchantId, viewer.personId],
        )
      : [];
    if (!merchant || !(merchant.role || viewer.isOperator)) return refused('NOT_FOUND', 'merchantId');
    if (merchant.role !== 'OWNER') return refused('NOT_ALLOWED', 'merchantId');
    return merchant.verified ? refused('ALREADY_EXISTS', 'merchantId', 'MERCHANT_VERIFIED') : undefined;
  }
}
