import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ConsentScope } from '@tael/platform/identity';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import { decodeJwt } from 'jose';
import type { DataSource } from 'typeorm';
import { noOrderRuns } from '../consents/consent-order.sql';
import { consentDays } from '../consents/consent.domain';
import { type ConsentService, partnerName } from '../consents/consent.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { PartnerClientService } from '../partners/partner-client.service';
import { endSessions, type SessionOrigin, whileSessionLives } from '../sessions/session.service';
import type { SignInService } from '../sessions/sign-in.service';
import { ConsentDialogEntity } from './authorization-state.entity';
import { type AuthorizationStateService, stateHash } from './authorization-state.service';
import { isConsentScope } from './person-authorization.configuration';

interface DialogParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly partnerClients: PartnerClientService;
  readonly states: AuthorizationStateService;
  readonly consents: ConsentService;
  readonly signIns: SignInService;
  readonly now: () => Date;
  /** The time by which the provider says how long a request is good for. */
  readonly real?: (() => Date) | undefined;
}

/** What a bank asks a person for. */
export interface ConsentRequest {
  readonly uid: string;
  readonly partnerId: string;
  readonly clientId: string;
  readonly partnerName: string;
  readonly scopes: readonly ConsentScope[];
  readonly days: number;
  /** Where the answer goes. */
  readonly redirectUri: string;
  /** Where the browser goes once the person has answered: the provider's, which makes the code. */
  readonly returnTo: string;
  readonly pushedRequest: string;
  readonly expiresAt: Date;
}

/** What the provider keeps of a request in front of a person. */
interface InteractionState {
  readonly exp: number;
  readonly params: { readonly client_id: string; readonly scope: string; readonly consent_days?: string; readonly redirect_uri: string };
  readonly returnTo: string;
  readonly parJti?: string;
}

/** What a sign-in on the page gave: the secret that the browser keeps, or the question for a code. */
export type PageSignIn = { readonly secret: string } | { readonly challenge: string };

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
const alike = (one: string, other: string): boolean => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
const SWEEP_ROWS = 500;

/**
 * A person in front of the page that asks for their consent. They sign in as everywhere, and the session that this gives lives for
 * the answer alone: nobody gets its tokens. Whoever answers must have the secret that the browser was given at the sign-in.
 */
export class ConsentDialogService {
  constructor(private readonly parts: DialogParts) {}

  /** Gives what is asked; undefined where the request is over, was answered, or the client may not ask any more, or not now. */
  async find(uid: string): Promise<ConsentRequest | undefined> {
    const { states, partnerClients, dataSource, sealer, now, real = now } = this.parts;
    const state = (await states.find('Interaction', uid)) as InteractionState | undefined;
    if (!state?.parJti || state.exp * 1_000 <= real().getTime()) return undefined;
    const { client_id: clientId, scope, consent_days: asked, redirect_uri: redirectUri } = state.params;
    const [client, days] = [await partnerClients.find(clientId), consentDays(asked)];
    const scopes = scope.split(' ').filter(isConsentScope) as ConsentScope[];
    if (!client || days === undefined || !scopes.every((one) => client.scopes.includes(one)) || !client.redirectUris.includes(redirectUri)) {
      return undefined;
    }
    const { partnerId } = client;
    const [bank]: { name: string | null }[] = await dataSource.query(
      `/* consents.asking */ SELECT name FROM partner_copy p WHERE p."partnerId" = $1 AND ${noOrderRuns('p')}`, [partnerId],
    );
    if (!bank) return undefined;
    return {
      uid, partnerId, clientId, scopes, days, redirectUri, returnTo: state.returnTo, pushedRequest: state.parJti,
      partnerName: partnerName(sealer, partnerId, bank.name), expiresAt: new Date(state.exp * 1_000),
    };
  }

  /** Gives who signed in on this page in this browser; undefined where nobody has. */
  async signedIn({ uid }: ConsentRequest, secret: string | undefined): Promise<string | undefined> {
    const row = await this.parts.dataSource.manager.findOneBy(ConsentDialogEntity, { idHash: stateHash(uid) });
    if (!row || !isTheirs(row, secret)) return undefined;
    // A session that was ended elsewhere has ended here: the page asks to sign in again.
    const lives = await inTransaction(this.parts.dataSource, (tx) =>
      whileSessionLives(tx, { personId: row.personId!, sessionId: row.sessionId! }, () => Promise.resolve({ ok: true } as const)),
    );
    return lives.ok ? row.personId! : undefined;
  }

  /** The first step, or the only one: as `signIn`. */
  async signIn(request: ConsentRequest, credentials: { email: string; password: string }, origin: SessionOrigin): Promise<Outcome<PageSignIn>> {
    const done = await this.parts.signIns.signIn(credentials, origin);
    if (!done.ok) return done;
    if ('challenge' in done) return { ok: true, challenge: done.challenge.token };
    // Who must set a second factor up first has proved too little for this.
    if (done.settingUp) {
      await this.endSession(done.personId, sessionOf(done.session));
      return refuse('NOT_ALLOWED', undefined, 'NO_SECOND_FACTOR');
    }
    return { ok: true, secret: await this.begin(request, done.personId, sessionOf(done.session)) };
  }

  /** The second step, where there is one: as `completeSignIn`. */
  async complete(request: ConsentRequest, answer: { challengeToken: string; code: string }, origin: SessionOrigin): Promise<Outcome<PageSignIn>> {
    const done = await this.parts.signIns.complete(answer, origin);
    if (!done.ok) return done;
    return { ok: true, secret: await this.begin(request, done.personId, sessionOf(done.session)) };
  }

  private async begin({ uid, expiresAt }: ConsentRequest, personId: string, sessionId: string): Promise<string> {
    const secret = randomBytes(32).toString('base64url');
    const idHash = stateHash(uid);
    await inTransaction(this.parts.dataSource, async (tx) => {
      const before = await lockDialog(tx, idHash, expiresAt);
      await this.endWith(tx, before);
      await tx.update(ConsentDialogEntity, { idHash }, { personId, sessionId, secretHash: hashOf(secret) });
    });
    return secret;
  }

  /**
   * The person says yes, to what the page showed. The consent, the end of the dialog and what the provider goes on with commit
   * together, so that a second click changes nothing. Refusals: SESSION_EXPIRED, NOT_FOUND (a wallet), ALREADY_EXISTS.
   */
  async allow(request: ConsentRequest, given: { secret: string | undefined; walletIds: readonly string[] }, traceparent: string): Promise<Outcome<object>> {
    const { states, consents } = this.parts;
    const idHash = stateHash(request.uid);
    return inTransaction(this.parts.dataSource, async (tx) => {
      const dialog = await lockDialog(tx, idHash, request.expiresAt);
      if (dialog.answer) return { ok: true };
      if (!isTheirs(dialog, given.secret)) return refuse('SESSION_EXPIRED');
      // The same request in another window was answered: what is given here would be no code's.
      if (await states.isConsumed(tx, 'PushedAuthorizationRequest', request.pushedRequest)) return refuse('ALREADY_EXISTS');
      const [personId, sessionId] = [dialog.personId!, dialog.sessionId!];
      return whileSessionLives(tx, { personId, sessionId }, async () => {
        const { partnerId, clientId, scopes, days, pushedRequest } = request;
        const order = { partnerId, clientId, personId, sessionId, scopes, days, requestId: stateHash(pushedRequest), walletIds: given.walletIds };
        const done = await consents.give(tx, order, traceparent);
        if (!done.ok) return done;
        await tx.update(ConsentDialogEntity, { idHash }, { answer: 'ALLOWED' });
        await states.finish(tx, idHash, { login: { accountId: done.subject, remember: false }, consent: { grantId: done.consentId } });
        await this.endWith(tx, dialog);
        return { ok: true };
      });
    });
  }

  /** The person says no, signed in or not. The pushed request is used up: it is not asked again. */
  async refuse({ uid, expiresAt, pushedRequest }: ConsentRequest): Promise<void> {
    const { states, dataSource } = this.parts;
    const idHash = stateHash(uid);
    await inTransaction(dataSource, async (tx) => {
      const dialog = await lockDialog(tx, idHash, expiresAt);
      if (dialog.answer) return;
      await tx.update(ConsentDialogEntity, { idHash }, { answer: 'REFUSED' });
      await states.finish(tx, idHash, { error: 'access_denied', error_description: 'the person refused' });
      await this.endWith(tx, dialog);
      await states.consume('PushedAuthorizationRequest', pushedRequest, tx);
    });
  }

  /** Removes dialogs that nobody finished, and ends the sessions that were for them; gives how many there were. */
  async sweep(): Promise<number> {
    return inTransaction(this.parts.dataSource, async (tx) => {
      const [rows]: [ConsentDialogEntity[], number] = await tx.query(
        `/* consents.sweepDialogs */ DELETE FROM consent_dialog WHERE "idHash" IN (
           SELECT "idHash" FROM consent_dialog WHERE "expiresAt" < $1 LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING *`,
        [(this.parts.real ?? this.parts.now)(), SWEEP_ROWS],
      );
      for (const row of rows) await this.endWith(tx, row);
      return rows.length;
    });
  }

  private async endWith(tx: Tx, { personId, sessionId }: Pick<ConsentDialogEntity, 'personId' | 'sessionId'>): Promise<void> {
    if (personId === null || sessionId === null) return;
    await endSessions(tx, { personId, reason: 'SIGNED_OUT', now: this.parts.now(), ids: [sessionId] });
  }

  private endSession(personId: string, sessionId: string): Promise<void> {
    return inTransaction(this.parts.dataSource, (tx) => this.endWith(tx, { personId, sessionId }));
  }
}

const sessionOf = ({ accessToken }: { accessToken: string }): string => decodeJwt(accessToken)['sid'] as string;

function isTheirs({ secretHash, answer }: ConsentDialogEntity, secret: string | undefined): boolean {
  return answer === null && secretHash !== null && secret !== undefined && alike(secretHash, hashOf(secret));
}

/** Locks the dialog of a page, and makes it where it is not there: of two answers at once the second sees the first. */
async function lockDialog(tx: Tx, idHash: string, expiresAt: Date): Promise<ConsentDialogEntity> {
  await tx.query(
    `/* consents.openDialog */ INSERT INTO consent_dialog ("idHash", "expiresAt") VALUES ($1, $2) ON CONFLICT DO NOTHING`,
    [idHash, expiresAt],
  );
  const [row]: ConsentDialogEntity[] = await tx.query(
    '/* consents.lockDialog */ SELECT * FROM consent_dialog WHERE "idHash" = $1 FOR UPDATE', [idHash],
  );
  return row!;
}
