import { CONSENT_SCOPES, type ConsentScope } from '@tael/platform/identity';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { whileSessionLives } from '../sessions/session.service';
import type { WalletEntity } from '../wallets/wallet.entity';
import { endConsents } from './consent.ending';
import { mayBeGiven } from './consent-order.domain';
import { lockBank } from './consent-order.bank';
import { noOrderRuns } from './consent-order.sql';
import { consentEnd, type ConsentStatus, consentStatus } from './consent.domain';
import { ConsentChangeEntity, ConsentEntity, PartnerSubjectEntity } from './consent.entity';

/** What a person says yes to. */
export interface ConsentOrder {
  readonly partnerId: string;
  readonly clientId: string;
  readonly personId: string;
  readonly sessionId: string;
  /** The pushed request that it answers, hashed. */
  readonly requestId: string;
  readonly scopes: readonly ConsentScope[];
  readonly walletIds: readonly string[];
  readonly days: number;
}

/** A consent as its person sees it. */
export interface ConsentView {
  readonly id: string;
  readonly partnerName: string;
  readonly scopes: readonly ConsentScope[];
  readonly wallets: readonly Pick<WalletEntity, 'id' | 'currency'>[];
  readonly givenAt: Date;
  readonly expiresAt: Date;
  readonly withdrawnAt: Date | null;
  readonly status: ConsentStatus;
}

/** A consent as the authorization server needs it. */
export interface StandingConsent {
  readonly id: string;
  readonly clientId: string;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly givenAt: Date;
  readonly expiresAt: Date;
}

/** No wallet has it: what is no id names nothing. */
const NOBODYS = '00000000-0000-0000-0000-000000000000';

interface ViewRow extends Omit<ConsentView, 'partnerName' | 'wallets' | 'status'> {
  readonly partnerId: string;
  readonly name: string | null;
  readonly walletIds: readonly string[];
}

interface Asker {
  readonly personId: string;
  readonly sessionId: string;
  readonly traceparent: string;
}

/** Says whether a cursor's values are a position in a list of consents: an id, which orders by time. */
export function isConsentPosition(position: readonly string[]): boolean {
  return position.length === 1 && uuidOf(position[0]!) !== undefined;
}

/** What people let banks see of theirs, and take back. */
export class ConsentService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer; now: () => Date }) {}

  /**
   * Writes down what a person said yes to, in the transaction of the page. Refusals: NOT_FOUND where a wallet is not theirs,
   * ALREADY_EXISTS where the request was answered before, NOT_ALLOWED where nobody may consent to that bank now.
   */
  async give(tx: Tx, order: ConsentOrder, traceparent: string): Promise<Outcome<{ consentId: string; subject: string }>> {
    const { partnerId, clientId, personId, sessionId, requestId, scopes, days } = order;
    const walletIds = [...new Set(order.walletIds.map((given) => uuidOf(given) ?? NOBODYS))].sort();
    const own: unknown[] = await tx.query(
      '/* consents.ownWallets */ SELECT 1 FROM wallet WHERE "personId" = $1 AND id = ANY ($2::uuid[])', [personId, walletIds],
    );
    if (walletIds.length === 0 || own.length !== walletIds.length) return refuse('NOT_FOUND', ['input', 'walletIds']);
    // Whoever ends all consents of the bank waits for this one to be there, or was before it.
    if (!mayBeGiven(await lockBank(tx, partnerId, 'SHARE'))) return refuse('NOT_ALLOWED');
    const subject = await subjectOf(tx, partnerId, personId);
    const [id, givenAt] = [uuidv7(), this.parts.now()];
    const expiresAt = consentEnd(givenAt, days);
    const added: unknown[] = await tx.query(
      `/* consents.give */ INSERT INTO consent
         (id, "partnerId", "clientId", "personId", "requestId", scopes, "walletIds", "givenAt", "expiresAt")
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT ("requestId") DO NOTHING RETURNING 1 AS added`,
      [id, partnerId, clientId, personId, requestId, scopes, walletIds, givenAt, expiresAt],
    );
    if (added.length === 0) return refuse('ALREADY_EXISTS');
    const state = { scopes, walletIds, expiresAt: expiresAt.toISOString() };
    await tx.insert(ConsentChangeEntity, { id: uuidv7(), consentId: id, at: givenAt, change: 'GIVEN', sessionId, state });
    const data = { personId, consentId: id, partnerId, scopes: [...scopes], walletIds, expiresAt, occurredAt: givenAt };
    await emit(tx, { traceparent }, [{ type: 'consent.given', data }]);
    return { ok: true, consentId: id, subject };
  }

  /** Ends a consent of the asker's. One that has ended already is as good as withdrawn. Refusals: NOT_FOUND, SESSION_EXPIRED. */
  async withdraw(asker: Asker, given: string): Promise<Outcome<{ consentId: string }>> {
    const { personId, sessionId, traceparent } = asker;
    const consentId = uuidOf(given);
    if (!consentId) return refuse('NOT_FOUND', ['input', 'consentId']);
    return inTransaction(this.parts.dataSource, (tx) =>
      whileSessionLives(tx, asker, async () => {
        if (!(await tx.existsBy(ConsentEntity, { id: consentId, personId }))) return refuse('NOT_FOUND', ['input', 'consentId']);
        await endConsents(tx, [consentId], { by: { who: 'PERSON' }, sessionId, traceparent, at: this.parts.now() });
        return { ok: true, consentId };
      }),
    );
  }

  /** Ends a consent whose code came back a second time: somebody else may have used it first. */
  async revoke(consentId: string): Promise<void> {
    await inTransaction(this.parts.dataSource, (tx) =>
      endConsents(tx, [consentId], { by: { who: 'CODE_REUSED' }, sessionId: null, traceparent: '', at: this.parts.now() }),
    );
  }

  /** Gives a page of a person's consents, newest first, and one more where there is a next page. */
  async page(personId: string, { limit, after }: { limit: number; after: readonly string[] | undefined }): Promise<ConsentView[]> {
    const rows: ViewRow[] = await this.parts.dataSource.query(
      `/* consents.page */ SELECT c.id, c."partnerId", p.name, c.scopes, c."walletIds", c."givenAt", c."expiresAt", c."withdrawnAt"
       FROM consent c JOIN partner_copy p ON p."partnerId" = c."partnerId"
       WHERE c."personId" = $1 AND ($2::uuid IS NULL OR c.id < $2) ORDER BY c.id DESC LIMIT $3`,
      [personId, after?.[0] ?? null, limit + 1],
    );
    return this.views(personId, rows);
  }

  /** Gives one consent of a person. */
  async byId(personId: string, consentId: string): Promise<ConsentView | undefined> {
    const rows: ViewRow[] = await this.parts.dataSource.query(
      `/* consents.byId */ SELECT c.id, c."partnerId", p.name, c.scopes, c."walletIds", c."givenAt", c."expiresAt", c."withdrawnAt"
       FROM consent c JOIN partner_copy p ON p."partnerId" = c."partnerId" WHERE c."personId" = $1 AND c.id = $2`,
      [personId, consentId],
    );
    return (await this.views(personId, rows))[0];
  }

  /** Gives a consent that stands now; undefined where it was withdrawn, is over, or all of its bank are being ended. */
  async standing(consentId: string): Promise<StandingConsent | undefined> {
    const id = uuidOf(consentId);
    if (!id) return undefined;
    const [row]: StandingConsent[] = await this.parts.dataSource.query(
      `/* consents.standing */ SELECT c.id, c."clientId", s.subject, c.scopes, c."givenAt", c."expiresAt"
       FROM consent c JOIN partner_subject s ON s."partnerId" = c."partnerId" AND s."personId" = c."personId"
       WHERE c.id = $1 AND c."withdrawnAt" IS NULL AND c."expiresAt" > $2 AND ${noOrderRuns('c')}`,
      [id, this.parts.now()],
    );
    return row;
  }

  private async views(personId: string, rows: readonly ViewRow[]): Promise<ConsentView[]> {
    const now = this.parts.now();
    const wallets: Pick<WalletEntity, 'id' | 'currency'>[] = await this.parts.dataSource.query(
      '/* consents.wallets */ SELECT id, currency FROM wallet WHERE "personId" = $1 ORDER BY id', [personId],
    );
    return rows.map(({ partnerId, name, walletIds, ...row }) => ({
      ...row,
      scopes: CONSENT_SCOPES.filter((scope) => row.scopes.includes(scope)),
      partnerName: partnerName(this.parts.sealer, partnerId, name),
      wallets: wallets.filter(({ id }) => walletIds.includes(id)),
      status: consentStatus(row, now),
    }));
  }
}

/** Opens a bank's name. A bank of whom nothing was heard since names are kept has none here until its next event. */
export function partnerName(sealer: Sealer, partnerId: string, sealed: string | null): string {
  return sealed === null ? partnerId : sealer.open(sealed, partnerId);
}

/** Gives the name under which a bank knows a person; makes it at the first consent. */
async function subjectOf(tx: Tx, partnerId: string, personId: string): Promise<string> {
  await tx.query(
    `/* consents.subject */ INSERT INTO partner_subject ("partnerId", "personId", subject) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [partnerId, personId, uuidv4()],
  );
  const [row] = await tx.findBy(PartnerSubjectEntity, { partnerId, personId });
  return row!.subject;
}
