import type { Role } from '@tael/platform/identity';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { type PasswordService, PasswordsBusy } from '../people/password.service';
import { normalisePassword } from '../people/password.domain';
import { emailIndexes, type RequestOrigin } from '../people/person.service';
import { type AttemptLimit, type AttemptService, signInsFromNetwork } from './attempt.service';
import { emit } from '../events/emission';
import type { SignInChallenge, SignInChallengeService } from '../second-factor/sign-in-challenge.service';
import { attemptSubject, deviceOf } from './device.domain';
import type { IssuedSession, SessionService, StartedSession } from './session.service';
import type { SignInFailures } from './sign-in-failures.service';

interface SignInParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly passwords: PasswordService;
  readonly sessions: SessionService;
  readonly attempts: AttemptService;
  readonly failures: SignInFailures;
  readonly challenges: SignInChallengeService;
  readonly now: () => Date;
  readonly signInsPerHour: number;
}

interface PersonRow {
  readonly id: string;
  readonly roles: Role[];
  readonly locale: string;
}

interface CredentialRow extends PersonRow {
  readonly passwordHash: string;
}

/** What a right password gives: a session, or for somebody with a second factor the question for a code. */
export type SignedIn =
  | { readonly personId: string; readonly session: IssuedSession; readonly settingUp: boolean }
  | { readonly challenge: SignInChallenge };

// Longer than any address and password that was ever taken in: refused alike, whoever it names.
const TEXT_MAX = 512;

/** Signs people in. No answer and no time tells whether there is somebody with an address. */
export class SignInService {
  private readonly perAddress: AttemptLimit;

  constructor(private readonly parts: SignInParts) {
    this.perAddress = signInsFromNetwork(parts.signInsPerHour);
  }

  async signIn(
    command: { email: string; password: string },
    origin: RequestOrigin,
  ): Promise<Outcome<SignedIn>> {
    const { sealer, attempts, failures } = this.parts;
    if (command.email.length > TEXT_MAX) return refuse('INVALID_INPUT', ['input', 'email'], 'TOO_LONG');
    if (command.password.length > TEXT_MAX) return refuse('INVALID_INPUT', ['input', 'password'], 'TOO_LONG');
    if (!(await attempts.take(this.perAddress, sealer.blindIndex(attemptSubject(origin.address), 'address')))) return tryLater();
    const counted = await failures.subjectOf({ email: command.email, device: origin.device });
    if (!(await failures.isOpen(counted))) return tryLater();
    // Once more where the hash was another one by then: changed, and then it no longer fits, or the same password's stronger one.
    return (await this.prove(command, origin, counted)) ?? (await this.prove(command, origin, counted)) ?? refuse('WRONG_CREDENTIALS');
  }

  /** Checks the password and goes on from there; undefined where the hash was replaced meanwhile. */
  private async prove(command: { email: string; password: string }, origin: RequestOrigin, counted: string): Promise<Outcome<SignedIn> | undefined> {
    const { dataSource, sealer, passwords, failures, sessions } = this.parts;
    const [row]: CredentialRow[] = await dataSource.query(
      `/* sessions.credential */ SELECT p.id, p.roles, p.locale, c."passwordHash"
       FROM person p JOIN credential c ON c."personId" = p.id WHERE p."emailIndex" = ANY ($1::text[])`,
      [emailIndexes(sealer, command.email)],
    );
    const fits = await passwords.verify(row?.passwordHash, normalisePassword(command.password));
    if (!fits || !row) return (await failures.take(counted)) ? refuse('WRONG_CREDENTIALS') : tryLater();
    // Looked at again: of many guesses at once all may have found the counter low, and this be the one that hit.
    if (!(await failures.isOpen(counted))) return tryLater();
    const stronger = await this.strongerOf(row, command.password);
    const passed = await inTransaction(dataSource, (tx) => this.pass(tx, row, { origin, stronger }));
    if (!passed) return undefined;
    if ('challenge' in passed) return { ok: true, ...passed };
    return { ok: true, personId: row.id, settingUp: passed.subject.settingUp ?? false, session: await sessions.issue(passed) };
  }

  /** Gives a new hash of a proven password where the old one is outdated; the next sign-in may do it where too many passwords wait. */
  private async strongerOf({ passwordHash }: CredentialRow, password: string): Promise<string | undefined> {
    const { passwords } = this.parts;
    if (!passwords.isOutdated(passwordHash)) return undefined;
    try {
      return await passwords.hash(normalisePassword(password));
    } catch (error) {
      if (error instanceof PasswordsBusy) return undefined;
      throw error;
    }
  }

  /** Begins a session, or asks for the second factor; undefined where the hash was replaced since it was looked at. */
  private async pass(
    tx: Tx,
    row: CredentialRow,
    { origin, stronger }: { origin: RequestOrigin; /** The same password's hash as it is made now. */ stronger: string | undefined },
  ): Promise<StartedSession | { challenge: SignInChallenge } | undefined> {
    // Held until the end: a change of the password waits, and then ends this session with all others.
    const held: unknown[] = await tx.query(
      `/* sessions.holdCredential */ SELECT 1 FROM credential WHERE "personId" = $1 AND "passwordHash" = $2 FOR ${stronger === undefined ? 'SHARE' : 'NO KEY UPDATE'}`,
      [row.id, row.passwordHash],
    );
    if (held.length === 0) return undefined;
    if (stronger !== undefined) {
      // Not a change of the password: nobody is signed out, and nobody is told. Of two sign-ins at once one does it.
      await tx.query('/* sessions.strengthen */ UPDATE credential SET "passwordHash" = $3 WHERE "personId" = $1 AND "passwordHash" = $2', [row.id, row.passwordHash, stronger]);
    }
    const challenge = await this.parts.challenges.begin(tx, row.id);
    return challenge ? { challenge } : this.begin(tx, row, origin);
  }

  /** Begins the session of somebody whose second factor was asked for and has answered. */
  async complete(
    command: { challengeToken: string; code: string },
    origin: RequestOrigin,
  ): Promise<Outcome<{ personId: string; session: IssuedSession }>> {
    const { challenges, sessions, attempts, sealer } = this.parts;
    if (!(await attempts.take(this.perAddress, sealer.blindIndex(attemptSubject(origin.address), 'address')))) return tryLater();
    const done = await challenges.answer({ ...command, traceparent: origin.traceparent }, async (tx, personId) => {
      const [person]: PersonRow[] = await tx.query(
        '/* sessions.person */ SELECT id, roles, locale FROM person WHERE id = $1',
        [personId],
      );
      return { ok: true, session: await this.begin(tx, person!, origin) };
    });
    if (!done.ok) return done;
    return { ok: true, personId: done.session.subject.personId, session: await sessions.issue(done.session) };
  }

  private async begin(tx: Tx, person: PersonRow, origin: RequestOrigin): Promise<StartedSession> {
    const { sessions, now } = this.parts;
    const started = await sessions.start(tx, person, origin);
    if (started.isNewDevice) {
      const { sessionId } = started.subject;
      const data = { personId: person.id, sessionId, ...deviceOf(origin.userAgent), occurredAt: now() };
      await emit(tx, origin, [{ type: 'device.added', data }]);
    }
    return started;
  }
}

const tryLater = () => refuse('LIMIT_EXCEEDED', undefined, 'TRY_LATER');
