import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { AttemptLimit, AttemptService } from '../sessions/attempt.service';
import { stopRemoval } from '../factor-removals/factor-removal.store';
import { estrangeDevices } from '../sessions/device.service';
import { endSessions, whileSessionLives } from '../sessions/session.service';
import type { StepUpService } from '../step-ups/step-up.service';
import type { PasswordService } from './password.service';
import { normalisePassword, passwordRefusals } from './password.domain';

/** Somebody who is signed in, and changes what proves who they are. */
export interface SignedInPerson {
  readonly personId: string;
  readonly sessionId: string;
  readonly traceparent: string;
}

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
  readonly stepUpId: string | undefined;
}

interface CredentialParts {
  readonly dataSource: DataSource;
  readonly passwords: PasswordService;
  readonly attempts: AttemptService;
  readonly stepUps: StepUpService;
  readonly now: () => Date;
}

// Counted before the password is looked at: who has somebody's session does not find the password by trying.
const GUESSES: AttemptLimit = { kind: 'PASSWORD', attemptsMax: 5, windowSeconds: 900 };
/** However they end: who knows their own password may keep the hashes busy with it, which all share. */
const CHECKS: AttemptLimit = { kind: 'PASSWORD_CHECK', attemptsMax: 20, windowSeconds: 3_600 };
const TEXT_MAX = 512;

/** Passwords of people who are signed in: asked for once more before what is grave, and changed. */
export class CredentialService {
  constructor(private readonly parts: CredentialParts) {}

  /** Checks that somebody who is signed in knows the password; gives the hash that it fits. */
  async confirm(personId: string, password: string, field: string): Promise<Outcome<{ passwordHash: string }>> {
    const { attempts, dataSource, passwords } = this.parts;
    if (password.length > TEXT_MAX) return refuse('INVALID_INPUT', ['input', field], 'TOO_LONG');
    if (!(await attempts.take(GUESSES, personId)) || !(await attempts.take(CHECKS, personId))) return refuse('LIMIT_EXCEEDED', ['input', field], 'TRY_LATER');
    const [row]: { passwordHash: string }[] = await dataSource.query(
      '/* credentials.read */ SELECT "passwordHash" FROM credential WHERE "personId" = $1',
      [personId],
    );
    const fits = await passwords.verify(row?.passwordHash, normalisePassword(password));
    if (!fits || !row) return wrongPassword(field);
    await attempts.forget(GUESSES.kind, personId);
    return { ok: true, passwordHash: row.passwordHash };
  }

  /** Changes the password, and ends every session but the one that asks. */
  async changePassword(person: SignedInPerson, change: PasswordChange): Promise<Outcome<object>> {
    const newPassword = normalisePassword(change.newPassword);
    const refusals = passwordRefusals(newPassword, 'newPassword');
    if (refusals.length > 0) return { ok: false, refusals };
    const confirmed = await this.confirm(person.personId, change.currentPassword, 'currentPassword');
    if (!confirmed.ok) return confirmed;
    const passwordHash = await this.parts.passwords.hash(newPassword);
    const { personId, sessionId } = person;
    return inTransaction(this.parts.dataSource, (tx) =>
      whileSessionLives(tx, person, () =>
        this.parts.stepUps.guard(
          tx,
          { personId, sessionId, stepUpId: change.stepUpId, action: { purpose: 'CHANGE_PASSWORD' } },
          () => this.replace(tx, person, { from: confirmed.passwordHash, to: passwordHash }),
        ),
      ),
    );
  }

  private async replace(tx: Tx, person: SignedInPerson, hash: { from: string; to: string }): Promise<Outcome<object>> {
    const { personId, sessionId } = person;
    const now = this.parts.now();
    // First the password, which waits for sign-ins with the old one, then the sessions, theirs among them.
    const [changed]: [unknown[], number] = await tx.query(
      `/* credentials.change */ UPDATE credential SET "passwordHash" = $3, "changedAt" = $4
       WHERE "personId" = $1 AND "passwordHash" = $2 RETURNING 1`,
      [personId, hash.from, hash.to, now],
    );
    if (changed.length === 0) return wrongPassword('currentPassword');
    await endWhatTheOldOneBegan(tx, { personId, now, except: sessionId, traceparent: person.traceparent });
    return { ok: true };
  }
}

/** Sets a new password, whose hash is given, for somebody who has proved to be them otherwise; ends every session. The credential is locked. */
export async function replacePassword(
  tx: Tx, { personId, passwordHash, now, traceparent }: { personId: string; passwordHash: string; now: Date; traceparent: string | undefined },
): Promise<void> {
  await tx.query('/* credentials.replace */ UPDATE credential SET "passwordHash" = $2, "changedAt" = $3 WHERE "personId" = $1', [personId, passwordHash, now]);
  await endWhatTheOldOneBegan(tx, { personId, now, traceparent });
}

/** Sessions, what their devices were known for at the door, second steps of sign-ins, codes for a new password and the removal of a second factor end with the password of before; the owner is told. */
async function endWhatTheOldOneBegan(
  tx: Tx, { personId, now, except, traceparent }: { personId: string; now: Date; except?: string; traceparent: string | undefined },
): Promise<void> {
  await endSessions(tx, { personId, reason: 'PASSWORD_CHANGED', now, ...(except === undefined ? {} : { except }) });
  await estrangeDevices(tx, personId, except ?? null);
  await tx.query('/* credentials.endChallenges */ DELETE FROM sign_in_challenge WHERE "personId" = $1', [personId]);
  await tx.query('/* credentials.endResets */ UPDATE password_reset SET "usedAt" = $2 WHERE "personId" = $1 AND "usedAt" IS NULL', [personId, now]);
  await stopRemoval(tx, { personId, now, traceparent });
  await emit(tx, { traceparent }, [{ type: 'password.changed', data: { personId, changeId: uuidv7(), occurredAt: now } }]);
}

const wrongPassword = (field: string) => refuse('WRONG_CREDENTIALS', ['input', field], 'PASSWORD');
