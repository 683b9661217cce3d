import { inTransaction } from '@tael/platform/postgres';
import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { type Actor, audit } from '../audit/audit.service';
import { type PartnerRefusal, readReason } from '../partners/partner.domain';
import { PARTNER_SUBJECT } from '../partners/partner-changes.service';
import type { Caller } from '../partners/partner-door.service';
import { type DocumentRefusal, documentRefusals, readIds, roomRefusals } from './partner-document.domain';

export interface PublishedDocument {
  /** As a request names it: `sha256:` and the sum in hex. */
  readonly id: string;
  readonly text: string;
  readonly publishedAt: Date;
}

export type PublishOutcome =
  | { readonly ok: true; readonly documents: readonly PublishedDocument[] }
  | { readonly ok: false; readonly refusals: readonly DocumentRefusal[] };

export type WithdrawOutcome =
  | { readonly ok: true; readonly withdrawn: readonly string[] }
  | { readonly ok: false; readonly refusals: readonly (DocumentRefusal | PartnerRefusal)[] };

type Row = Omit<PublishedDocument, 'id'> & { readonly sum: string };

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const published = ({ sum, text, publishedAt }: Row): PublishedDocument => ({ id: `sha256:${sum}`, text, publishedAt });

/** Keeps the documents that banks may run in production, each bank's its own. */
export class PartnerDocumentService {
  constructor(private readonly parts: { readonly dataSource: DataSource; readonly now: () => Date }) {}

  /** Publishes documents; one that is published already is answered as it is. Refusals: INVALID_INPUT, LIMIT_EXCEEDED, NOT_ALLOWED. */
  async publish({ partnerId, clientId }: Caller, texts: readonly string[]): Promise<PublishOutcome> {
    const refusals = documentRefusals(texts);
    if (refusals.length > 0) return { ok: false, refusals };
    const bySum = new Map(texts.map((text) => [sumOf(text), text]));
    const sums = [...bySum.keys()];
    return inTransaction(this.parts.dataSource, async (tx): Promise<PublishOutcome> => {
      // The partner's row orders publications: two at once with room for one would else both find it.
      const [partner]: { status: string }[] = await tx.query('/* documents.lock */ SELECT status FROM partner WHERE id = $1 FOR UPDATE', [partnerId]);
      if (partner?.status !== 'ACTIVE') return { ok: false, refusals: [{ code: 'NOT_ALLOWED', reason: 'PARTNER_SUSPENDED', field: ['input'] }] };
      const there: { sum: string; isAsked: boolean }[] = await tx.query(
        '/* documents.there */ SELECT sum, sum = ANY ($2::text[]) AS "isAsked" FROM partner_document WHERE "partnerId" = $1', [partnerId, sums],
      );
      const known = new Set(there.filter(({ isAsked }) => isAsked).map(({ sum }) => sum));
      const fresh = sums.filter((sum) => !known.has(sum));
      const full = roomRefusals(there.length, fresh.length);
      if (full.length > 0) return { ok: false, refusals: full };
      if (fresh.length > 0) {
        const at = this.parts.now();
        await tx.query(
          `/* documents.publish */ INSERT INTO partner_document ("partnerId", sum, text, "publishedAt", "publishedBy")
           SELECT $1, d.sum, d.text, $4, $5 FROM unnest($2::text[], $3::text[]) AS d (sum, text)`,
          [partnerId, fresh, fresh.map((sum) => bySum.get(sum)!), at, clientId],
        );
        await audit(tx, { kind: PARTNER_SUBJECT, id: partnerId }, {
          actor: { kind: 'PARTNER_CLIENT', id: clientId }, action: 'DOCUMENTS_PUBLISHED', before: null, after: { documents: fresh },
          reason: 'Published by the client.', at,
        });
      }
      const rows: Row[] = await tx.query(
        '/* documents.published */ SELECT sum, text, "publishedAt" FROM partner_document WHERE "partnerId" = $1 AND sum = ANY ($2::text[])', [partnerId, sums],
      );
      return { ok: true, documents: sums.map((sum) => published(rows.find((row) => row.sum === sum)!)) };
    });
  }

  /**
   * Withdraws documents, and gives the ids of those that were there: what is gone makes room, and may be published again. The trail keeps
   * the sums; the texts go. Refusals: INVALID_INPUT, NOT_FOUND.
   */
  async withdraw(actor: Actor, command: { partnerId: string; documents: readonly string[]; reason: string }): Promise<WithdrawOutcome> {
    const [ids, reason] = [readIds(command.documents), readReason(command.reason)];
    if (!ids.ok || !reason.ok) return { ok: false, refusals: [...(ids.ok ? [] : ids.refusals), ...(reason.ok ? [] : reason.refusals)] };
    const missing = { ok: false, refusals: [{ code: 'NOT_FOUND', field: ['input', 'partnerId'] }] } as const;
    const { partnerId } = command;
    if (!isUuid(partnerId)) return missing;
    return inTransaction(this.parts.dataSource, async (tx): Promise<WithdrawOutcome> => {
      const locked: unknown[] = await tx.query('/* documents.lock */ SELECT 1 FROM partner WHERE id = $1 FOR UPDATE', [partnerId]);
      if (locked.length === 0) return missing;
      const [rows]: [{ sum: string }[], number] = await tx.query(
        '/* documents.withdraw */ DELETE FROM partner_document WHERE "partnerId" = $1 AND sum = ANY ($2::text[]) RETURNING sum', [partnerId, ids.sums],
      );
      const gone = new Set(rows.map(({ sum }) => sum));
      const sums = ids.sums.filter((sum) => gone.has(sum));
      if (sums.length > 0) {
        await audit(tx, { kind: PARTNER_SUBJECT, id: partnerId }, {
          actor, action: 'DOCUMENTS_WITHDRAWN', before: { documents: sums }, after: null, reason: reason.plan, at: this.parts.now(),
        });
      }
      return { ok: true, withdrawn: sums.map((sum) => `sha256:${sum}`) };
    });
  }

  /** Gives the text of a document of a partner, by its sum. */
  async textOf(partnerId: string, sum: string): Promise<string | undefined> {
    if (!isUuid(partnerId)) return undefined;
    const [row]: { text: string }[] = await this.parts.dataSource.query(
      '/* documents.text */ SELECT text FROM partner_document WHERE "partnerId" = $1 AND sum = $2', [partnerId, sum],
    );
    return row?.text;
  }

  /** Gives up to `page.limit` documents of a partner, in the order of their sums. */
  async list(partnerId: string, page: { limit: number; after: string | undefined }): Promise<PublishedDocument[]> {
    const rows: Row[] = await this.parts.dataSource.query(
      `/* documents.list */ SELECT sum, text, "publishedAt" FROM partner_document
       WHERE "partnerId" = $1 AND sum > coalesce($2, '') ORDER BY sum LIMIT $3`,
      [partnerId, page.after ?? null, page.limit],
    );
    return rows.map(published);
  }
}
