import { type EventData, toMessage } from '@tael/events';
import { appendToOutbox } from '@tael/platform/outbox';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import { audit, BY_TAEL } from '../audit/audit.service';
import type { MerchantService } from '../merchants/merchant.service';
import { readReason } from '../partners/partner.domain';
import { type ApplicationRefusal, type BusinessDetails, messageFault } from './application.domain';
import type { ApplicationEntity } from './application.entity';
import { type Application, APPLICATION_SUBJECT, type ApplicationStore, type Asking, type Outcome, type Refused, refused } from './application.store.service';
import { eraseDocuments, readStates } from './document.rows.service';

/** How long the documents of a rejected application are kept, and a draft that nobody goes on with. */
export const KEPT_DAYS = 90;
const DAY_MS = 86_400_000;

export interface Reasoned {
  readonly applicationId: string;
  /** For the trail. */
  readonly reason: string;
}

export interface Asked extends Reasoned {
  /** For the applicant to read. */
  readonly message: string;
  readonly documents: readonly { readonly documentId: string; readonly message: string }[];
}

type Answer = Promise<Outcome<{ application: Application }>>;

/** What operators do: one takes an application, asks for more, approves or rejects it. */
export class ReviewService {
  constructor(private readonly parts: { store: ApplicationStore; merchants: MerchantService }) {}

  /** Takes an application; of two who do so at once one has it. Refusals: NOT_FOUND, NOT_ALLOWED. */
  async take(applicationId: string, asking: Asking): Answer {
    const reviewerId = asking.viewer.personId;
    return this.parts.store.step(applicationId, 'TAKE', asking, async () => ({
      set: { reviewerId }, change: { action: 'TAKEN', after: { reviewerId }, reason: 'Taken for review' },
    }));
  }

  /** Gives an application back to all operators. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  async release(command: Reasoned, asking: Asking): Answer {
    return this.reasoned(command, asking, 'RELEASE', async (_tx, found, { reason }) => ({
      set: { reviewerId: null }, change: { action: 'RELEASED', before: { reviewerId: found.reviewerId }, after: { reviewerId: null }, reason },
    }));
  }

  /** Asks the applicant for more, and marks the documents that must be replaced. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  async askMore(command: Asked, asking: Asking): Answer {
    const fault = messagesFault(command);
    if (fault) return fault;
    const { sealer } = this.parts.store.parts;
    return this.reasoned(command, asking, 'ASK_MORE', async (tx, found, { reason, now }) => {
      const { id } = found;
      const own = new Set((await readStates(tx, id)).map((document) => document.id));
      const marked = command.documents.map(({ documentId, message }) => ({ id: documentId.toLowerCase(), message }));
      const strange = marked.findIndex((document) => !own.has(document.id));
      if (strange >= 0) return { ok: false, refusals: [{ code: 'NOT_FOUND', field: ['input', 'documents', String(strange), 'documentId'] }] };
      for (const document of marked)
        await tx.query('/* documents.mark */ UPDATE merchant_document SET message = $2 WHERE id = $1', [document.id, sealer.seal(document.message, document.id)]);
      const after = { documents: marked.map((document) => document.id) };
      await tell(tx, found, { outcome: 'NEEDS_MORE', now, asking });
      return { set: { message: sealer.seal(command.message, id) }, change: { action: 'MORE_ASKED', after, reason } };
    });
  }

  /**
   * Approves: makes the merchant, which can be paid from then on, with the applicant as its owner; or verifies the one that was
   * named. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.
   */
  async approve(command: Reasoned, asking: Asking): Answer {
    const { store, merchants } = this.parts;
    return this.reasoned(command, asking, 'APPROVE', async (tx, found, { reason, now }) => {
      const { id, applicantId, details } = found;
      const approval = { ...asking, reason };
      const merchantId = found.merchantId
        ? await merchants.verify(tx, { merchantId: found.merchantId, ownerId: applicantId, approval })
        : await merchants.registerVerified(tx, {
            business: registration(JSON.parse(store.parts.sealer.open(details!, id)) as BusinessDetails), ownerId: applicantId, approval,
          });
      if (!merchantId) return refused('NOT_ALLOWED', 'applicationId', 'NO_LONGER_OWNER');
      await tell(tx, found, { outcome: 'APPROVED', now, asking });
      return { set: { merchantId, message: null, decidedAt: now }, change: { action: 'APPROVED', after: { merchantId }, reason } };
    });
  }

  /** Rejects, for good. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  async reject(command: Reasoned & { message: string }, asking: Asking): Answer {
    const fault = messagesFault({ ...command, documents: [] });
    if (fault) return fault;
    return this.reasoned(command, asking, 'REJECT', async (tx, found, { reason, now }) => {
      await tell(tx, found, { outcome: 'REJECTED', now, asking });
      const message = this.parts.store.parts.sealer.seal(command.message, found.id);
      return { set: { message, decidedAt: now }, change: { action: 'REJECTED', reason } };
    });
  }

  /**
   * Erases what is kept no longer: details and documents of what was rejected, and of drafts that nobody went on with, which
   * end with it. In small transactions; gives how many it erased.
   */
  async forget(limit: number): Promise<number> {
    const { dataSource, now } = this.parts.store.parts;
    const at = now();
    return inTransaction(dataSource, async (tx) => {
      const rows: { id: string; status: string }[] = await tx.query(
        `/* applications.kept-no-longer */ SELECT id, status FROM merchant_application
         WHERE "erasedAt" IS NULL AND status IN ('DRAFT', 'NEEDS_MORE', 'REJECTED') AND "updatedAt" < $1
         ORDER BY "updatedAt" LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED`,
        [new Date(at.getTime() - KEPT_DAYS * DAY_MS), limit],
      );
      const ids = rows.map(({ id }) => id);
      if (ids.length === 0) return 0;
      await eraseDocuments(tx, ids);
      await tx.query(
        `/* applications.forget */ UPDATE merchant_application SET details = NULL, message = NULL, "erasedAt" = $2,
           status = CASE status WHEN 'REJECTED' THEN status ELSE 'WITHDRAWN' END WHERE id = ANY ($1::uuid[])`,
        [ids, at],
      );
      for (const { id, status } of rows) {
        await audit(tx, { kind: APPLICATION_SUBJECT, id }, {
          actor: BY_TAEL, action: 'ERASED', before: { status }, after: { status: status === 'REJECTED' ? status : 'WITHDRAWN' },
          reason: `Kept for ${KEPT_DAYS} days`, at,
        });
      }
      return ids.length;
    });
  }

  private async reasoned(
    command: Reasoned, asking: Asking, step: 'RELEASE' | 'ASK_MORE' | 'APPROVE' | 'REJECT',
    work: (tx: Tx, found: ApplicationEntity, context: { reason: string; now: Date }) => ReturnType<Parameters<ApplicationStore['step']>[3]>,
  ): Answer {
    const reason = readReason(command.reason);
    if (!reason.ok) return { ok: false, refusals: reason.refusals as readonly ApplicationRefusal[] };
    return this.parts.store.step(command.applicationId, step, asking, (tx, found, now) => work(tx, found, { reason: reason.plan, now }));
  }
}

/** Tells the applicant, in the transaction of the step. What was said to them they read in the application. */
async function tell(
  tx: Tx, { id: applicationId, applicantId }: ApplicationEntity,
  { outcome, now, asking }: { outcome: EventData<'merchant-application.decided'>['outcome']; now: Date; asking: Asking },
): Promise<void> {
  await appendToOutbox(tx, [
    toMessage('merchant-application.decided', { applicationId, applicantId, outcome, occurredAt: now }, { source: 'merchants', time: now, traceparent: asking.traceparent }),
  ]);
}

const registration = ({ tradingName, categoryCode, currency }: BusinessDetails) => ({ name: tradingName, categoryCode, currency });

function messagesFault({ message, documents }: Pick<Asked, 'message' | 'documents'>): Refused | undefined {
  const faults = [
    [messageFault(message), 'message'] as const,
    ...documents.map((document, index) => [messageFault(document.message), 'documents', String(index), 'message'] as const),
  ];
  const refusals = faults.flatMap(([reason, ...path]) => (reason ? [{ code: 'INVALID_INPUT' as const, reason, field: ['input', ...path] }] : []));
  return refusals.length > 0 ? { ok: false, refusals } : undefined;
}
