import type { Role } from '@tael/platform/identity';
import { inTransaction } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { PasswordService } from '../people/password.service';
import { normalisePassword } from '../people/person.domain';
import { emailIndex, type RequestOrigin } from '../people/person.service';
import type { AttemptLimit, AttemptService } from './attempt.service';
import type { IssuedSession, SessionService } from './session.service';

interface SignInParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly passwords: PasswordService;
  readonly sessions: SessionService;
  readonly attempts: AttemptService;
  readonly signInsPerHour: number;
  readonly failedSignInsPer15Minutes: number;
}

interface CredentialRow {
  readonly id: string;
  readonly roles: Role[];
  readonly locale: string;
  readonly passwordHash: string;
}

// Longer than any address and password that was ever taken in: refused alike, whoever it names.
const TEXT_MAX = 512;

/** Signs people in. No answer and no time tells whether there is somebody with an address. */
export class SignInService {
  private readonly perAddress: AttemptLimit;
  private readonly failures: AttemptLimit;

  constructor(private readonly parts: SignInParts) {
    this.perAddress = { kind: 'SIGN_IN', attemptsMax: parts.signInsPerHour, windowSeconds: 3_600 };
    this.failures = { kind: 'FAILED_SIGN_IN', attemptsMax: parts.failedSignInsPer15Minutes, windowSeconds: 900 };
  }

  async signIn(
    command: { email: string; password: string },
    origin: RequestOrigin,
  ): Promise<Outcome<{ personId: string; session: IssuedSession }>> {
    const { dataSource, sealer, passwords, sessions, attempts } = this.parts;
    if (command.email.length > TEXT_MAX) return refuse('INVALID_INPUT', ['input', 'email'], 'TOO_LONG');
    if (command.password.length > TEXT_MAX) return refuse('INVALID_INPUT', ['input', 'password'], 'TOO_LONG');
    if (!(await attempts.take(this.perAddress, sealer.blindIndex(origin.address, 'address')))) return tryLater();
    const index = emailIndex(sealer, command.email);
    if (!(await attempts.isOpen(this.failures, index))) return tryLater();

    const [row]: CredentialRow[] = await dataSource.query(
      `/* sessions.credential */ SELECT p.id, p.roles, p.locale, c."passwordHash"
       FROM person p JOIN credential c ON c."personId" = p.id WHERE p."emailIndex" = $1`,
      [index],
    );
    const fits = await passwords.verify(row?.passwordHash, normalisePassword(command.password));
    if (!fits || !row) return (await attempts.take(this.failures, index)) ? refuse('WRONG_CREDENTIALS') : tryLater();
    // Looked at again: of many guesses at once all may have found the counter low, and this be the one that hit.
    if (!(await attempts.isOpen(this.failures, index))) return tryLater();
    const started = await inTransaction(dataSource, (tx) => sessions.start(tx, row));
    return { ok: true, personId: row.id, session: await sessions.issue(started) };
  }
}

const tryLater = () => refuse('LIMIT_EXCEEDED', undefined, 'TRY_LATER');
