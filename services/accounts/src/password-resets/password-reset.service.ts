import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { emit } from '../events/emission';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { normalisePassword, passwordRefusals } from '../people/password.domain';
import type { PasswordService } from '../people/password.service';
import { emailIndex, emailIndexes, type RequestOrigin } from '../people/person.service';
import { replacePassword } from '../people/credential.service';
import { tryLater, wrongCode } from '../second-factor/code.service';
import { type AttemptLimit, type AttemptService, signInsFromNetwork } from '../sessions/attempt.service';
import { attemptSubject } from '../sessions/device.domain';
import type { SignInFailures } from '../sessions/sign-in-failures.service';
import { MAILED_CODE_BYTES, mailedCode, readMailedCode } from '../people/mailed-code.domain';

const TEXT_MAX = 512;
const PRUNE_ROWS = 10;

/** So many codes an hour go to one mail address: no flood. From one network fewer, so that nobody uses them all up for its owner. */
const PER_MAIL_ADDRESS: AttemptLimit = { kind: 'PASSWORD_RESET', attemptsMax: 20, windowSeconds: 3_600 };
const FROM_ONE_NETWORK: AttemptLimit = { kind: 'PASSWORD_RESET_FROM', attemptsMax: 5, windowSeconds: 3_600 };
const PER_REQUEST: AttemptLimit = { kind: 'PASSWORD_RESET_CODE', attemptsMax: 5, windowSeconds: 3_600 };

/** What is given to whoever asks, whether the address is somebody's or not. */
export interface PasswordResetRequest {
  readonly id: string;
  readonly expiresAt: Date;
}

interface PasswordResetParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly passwords: PasswordService;
  readonly attempts: AttemptService;
  readonly failures: SignInFailures;
  readonly now: () => Date;
  /** How many may be asked for in an hour from one network address. */
  readonly requestsPerHour: number;
  readonly signInsPerHour: number;
}

const hashOf = (id: string, code: string): Buffer => createHash('sha256').update(`${id}/${code}`).digest();

/**
 * New passwords for who has forgotten theirs, by a code that goes to their mail and works for the request that it was asked with. It gives no session:
 * the sign-in that follows asks for the second factor as ever. No answer tells whether an address is somebody's.
 */
export class PasswordResetService {
  private readonly requests: AttemptLimit;
  private readonly perAddress: AttemptLimit;

  constructor(private readonly parts: PasswordResetParts) {
    this.requests = { kind: 'PASSWORD_RESET_AT', attemptsMax: parts.requestsPerHour, windowSeconds: 3_600 };
    this.perAddress = signInsFromNetwork(parts.signInsPerHour);
  }

  /** Sends a code to a mail address, where somebody has it. */
  async request(email: string, origin: RequestOrigin): Promise<Outcome<{ request: PasswordResetRequest }>> {
    const { dataSource, sealer, attempts, now } = this.parts;
    if (email.length > TEXT_MAX) return refuse('INVALID_INPUT', ['input', 'email'], 'TOO_LONG');
    const network = sealer.blindIndex(attemptSubject(origin.address), 'address');
    if (!(await attempts.take(this.requests, network))) return tryLater();
    const address = emailIndex(sealer, email);
    if (!(await attempts.take(FROM_ONE_NETWORK, `${address}/${network}`))) return tryLater();
    if (!(await attempts.take(PER_MAIL_ADDRESS, address))) return tryLater();
    const at = now();
    const { code, letters, expiresAt } = mailedCode(randomBytes(MAILED_CODE_BYTES), at);
    const request = { id: randomUUID(), expiresAt };
    await inTransaction(dataSource, async (tx) => {
      const [row]: { personId: string | null }[] = await tx.query(
        `/* passwordResets.ask */ INSERT INTO password_reset (id, "personId", code, "expiresAt")
         VALUES ($1, (SELECT id FROM person WHERE "emailIndex" = ANY ($2::text[]) LIMIT 1), $3, $4) RETURNING "personId"`,
        [request.id, emailIndexes(sealer, email), hashOf(request.id, letters), request.expiresAt],
      );
      await this.send(tx, { ...request, personId: row!.personId, code, at }, origin);
      await tx.query(
        `/* passwordResets.prune */ DELETE FROM password_reset WHERE id IN (
           SELECT id FROM password_reset WHERE "expiresAt" < $1::timestamptz - interval '1 day' ORDER BY "expiresAt" LIMIT $2 FOR UPDATE SKIP LOCKED)`,
        [at, PRUNE_ROWS],
      );
    });
    return { ok: true, request };
  }

  private async send(tx: Tx, reset: PasswordResetRequest & { personId: string | null; code: string; at: Date }, origin: RequestOrigin): Promise<void> {
    const { id: resetId, personId, expiresAt, at: occurredAt } = reset;
    const code = this.parts.sealer.seal(reset.code, personId ?? resetId);
    // For an address of nobody as many round trips, so that the time tells next to nothing.
    if (personId === null) await tx.query('/* passwordResets.nobody */ SELECT $1::text', [code]);
    else await emit(tx, origin, [{ type: 'password.reset-requested', data: { personId, resetId, code, expiresAt, occurredAt } }]);
  }

  /** Sets a new password for who brings the code of a request; ends every session, and every other request. */
  async reset(command: { requestId: string; code: string; newPassword: string }, origin: RequestOrigin): Promise<Outcome<object>> {
    const { dataSource, sealer, attempts, failures, passwords } = this.parts;
    const newPassword = normalisePassword(command.newPassword);
    const refusals = passwordRefusals(newPassword, 'newPassword');
    if (refusals.length > 0) return { ok: false, refusals };
    if (!(await attempts.take(this.perAddress, sealer.blindIndex(attemptSubject(origin.address), 'address')))) return tryLater();
    const id = uuidOf(command.requestId);
    const code = readMailedCode(command.code);
    if (!id || !code) return wrongCode();
    // Of a request that never was no more can be tried than of one that is.
    if (!(await attempts.take(PER_REQUEST, sealer.blindIndex(id, 'password-reset')))) return tryLater();
    const [open]: { personId: string; email: string }[] = await dataSource.query(
      `/* passwordResets.find */ SELECT r."personId", p.email FROM password_reset r JOIN person p ON p.id = r."personId"
       WHERE r.id = $1 AND r.code = $2 AND r."usedAt" IS NULL AND r."expiresAt" > $3`,
      [id, hashOf(id, code), this.parts.now()],
    );
    if (!open) return wrongCode();
    // Whose mail it is has proved it: what was tried wrongly before does not hold their sign-in up.
    await failures.forget({ personId: open.personId, email: sealer.open(open.email, open.personId) });
    await attempts.forget('FACTOR_REMOVAL', open.personId);
    const passwordHash = await passwords.hash(newPassword);
    return inTransaction(dataSource, (tx) => this.use(tx, { id, personId: open.personId, passwordHash }, origin));
  }

  private async use(tx: Tx, reset: { id: string; personId: string; passwordHash: string }, origin: RequestOrigin): Promise<Outcome<object>> {
    const now = this.parts.now();
    const { id, personId, passwordHash } = reset;
    // The password first, as whoever changes it does, which ends requests: of two at once the second finds its own over.
    await tx.query('/* passwordResets.holdCredential */ SELECT 1 FROM credential WHERE "personId" = $1 FOR NO KEY UPDATE', [personId]);
    const [used]: [unknown[], number] = await tx.query(
      `/* passwordResets.use */ UPDATE password_reset SET "usedAt" = $2 WHERE id = $1 AND "usedAt" IS NULL AND "expiresAt" > $2 RETURNING 1`,
      [id, now],
    );
    if (used.length === 0) return wrongCode();
    await replacePassword(tx, { personId, passwordHash, now, traceparent: origin.traceparent });
    return { ok: true };
  }
}
