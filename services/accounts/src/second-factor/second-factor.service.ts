import { randomBytes } from 'node:crypto';
import type { EventData } from '@tael/events';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { dropFactor, removalOf } from '../factor-removals/factor-removal.store';
import { emit } from '../events/emission';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { CredentialService, SignedInPerson } from '../people/credential.service';
import { whileSessionLives } from '../sessions/session.service';
import type { StepUpPurpose } from '../step-ups/step-up.domain';
import { hasFactor, type StepUpService } from '../step-ups/step-up.service';
import { type CodeService, type FactorRow, tryLater, wrongCode } from './code.service';
import { readRecoveryCode, RECOVERY_CODE_BYTES, RECOVERY_CODES, recoveryCode } from './recovery-code.domain';
import { otpauthUri, readTotpCode, SECRET_BYTES, toBase32 } from './totp.domain';

interface SecondFactorParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly credentials: CredentialService;
  readonly codes: CodeService;
  readonly stepUps: StepUpService;
  readonly now: () => Date;
}

/** What a person sees of their second factor. */
export interface SecondFactor {
  readonly totpEnabled: boolean;
  readonly recoveryCodesLeft: number;
  readonly removesAt: Date | null;
}

/** A set-up that nobody has confirmed is forgotten after so long. */
const SET_UP_MINUTES = 15;

/** The authenticator app of a person: set up with the password, taken away or renewed with a step-up. */
export class SecondFactorService {
  constructor(private readonly parts: SecondFactorParts) {}

  async of(personId: string): Promise<SecondFactor> {
    const { dataSource, codes } = this.parts;
    return {
      totpEnabled: await hasFactor(dataSource.manager, personId),
      recoveryCodesLeft: await codes.recoveryCodesLeft(dataSource.manager, personId),
      removesAt: await removalOf(dataSource.manager, personId),
    };
  }

  /** Begins the set-up: gives the secret once. It counts for nothing until a code of it was brought. */
  async begin(
    person: SignedInPerson,
    command: { password: string; account: string },
  ): Promise<Outcome<{ secret: string; uri: string }>> {
    const { credentials, dataSource, now, sealer } = this.parts;
    const { personId } = person;
    const confirmed = await credentials.confirm(personId, command.password, 'password');
    if (!confirmed.ok) return confirmed;
    const secret = toBase32(randomBytes(SECRET_BYTES));
    return inTransaction(dataSource, (tx) =>
      whileSessionLives(tx, person, async () => {
        const begun: unknown[] = await tx.query(
          `/* factors.begin */ INSERT INTO totp_factor AS f ("personId", secret, "lastStep", "begunAt") VALUES ($1, $2, -1, $3)
           ON CONFLICT ("personId") DO UPDATE SET secret = excluded.secret, "lastStep" = -1, "begunAt" = excluded."begunAt"
             WHERE f."confirmedAt" IS NULL
           RETURNING 1`,
          [personId, sealer.seal(secret, personId), now()],
        );
        if (begun.length === 0) return refuse('ALREADY_EXISTS', undefined, 'SECOND_FACTOR');
        return { ok: true, secret, uri: otpauthUri(secret, command.account) };
      }),
    );
  }

  /** Ends the set-up with a first code; gives the recovery codes, which are shown this once. */
  async confirm(person: SignedInPerson, text: string): Promise<Outcome<{ recoveryCodes: string[] }>> {
    const { codes, dataSource } = this.parts;
    const code = readTotpCode(text);
    if (!code) return wrongCode();
    if (!(await codes.takePersonTry(person.personId))) return tryLater();
    const done = await inTransaction(dataSource, (tx) =>
      whileSessionLives(tx, person, () => this.enable(tx, person, code)),
    );
    if (done.ok) await codes.forgive(person.personId);
    return done;
  }

  private async enable(tx: Tx, person: SignedInPerson, code: string): Promise<Outcome<{ recoveryCodes: string[] }>> {
    const { personId } = person;
    const now = this.parts.now();
    const [row]: (FactorRow & { confirmedAt: Date | null; begunAt: Date })[] = await tx.query(
      `/* factors.lock */ SELECT secret, "lastStep"::text AS "lastStep", "begunAt", "confirmedAt" FROM totp_factor
       WHERE "personId" = $1 FOR NO KEY UPDATE`,
      [personId],
    );
    if (row?.confirmedAt) return refuse('ALREADY_EXISTS', undefined, 'SECOND_FACTOR');
    if (!row || now.getTime() - row.begunAt.getTime() > SET_UP_MINUTES * 60_000) {
      return refuse('NOT_FOUND', undefined, 'TOTP_NOT_BEGUN');
    }
    const step = this.parts.codes.stepFor(row, personId, code);
    if (step === undefined) return wrongCode();
    await tx.query(
      '/* factors.enable */ UPDATE totp_factor SET "lastStep" = $2, "confirmedAt" = $3 WHERE "personId" = $1',
      [personId, step, now],
    );
    const recoveryCodes = await this.renewCodes(tx, personId);
    await this.tell(tx, person, 'ENABLED');
    return { ok: true, recoveryCodes };
  }

  /** Takes the second factor away; what it had approved or was asked for goes with it. */
  disable(person: SignedInPerson, stepUpId: string): Promise<Outcome<object>> {
    return this.change(person, { purpose: 'DISABLE_TOTP', stepUpId }, async (tx) => {
      await dropFactor(tx, { ...person, now: this.parts.now() });
      return { ok: true };
    });
  }

  /** Gives new recovery codes, and takes the old ones back. */
  regenerate(person: SignedInPerson, stepUpId: string): Promise<Outcome<{ recoveryCodes: string[] }>> {
    return this.change(person, { purpose: 'REGENERATE_RECOVERY_CODES', stepUpId }, async (tx) => {
      const recoveryCodes = await this.renewCodes(tx, person.personId);
      await this.tell(tx, person, 'RECOVERY_CODES_RENEWED');
      return { ok: true, recoveryCodes };
    });
  }

  private change<Done extends object>(
    person: SignedInPerson,
    { purpose, stepUpId }: { purpose: Extract<StepUpPurpose, 'DISABLE_TOTP' | 'REGENERATE_RECOVERY_CODES'>; stepUpId: string },
    work: (tx: Tx) => Promise<Outcome<Done>>,
  ): Promise<Outcome<Done>> {
    const { personId, sessionId } = person;
    return inTransaction(this.parts.dataSource, (tx) =>
      whileSessionLives(tx, person, async () => {
        if (!(await hasFactor(tx, personId))) return refuse('NOT_ALLOWED', undefined, 'NO_SECOND_FACTOR');
        return this.parts.stepUps.guard(tx, { personId, sessionId, stepUpId, action: { purpose } }, () => work(tx));
      }),
    );
  }

  private async renewCodes(tx: Tx, personId: string): Promise<string[]> {
    const { codes, now } = this.parts;
    const fresh = Array.from({ length: RECOVERY_CODES }, () => recoveryCode(randomBytes(RECOVERY_CODE_BYTES)));
    const kept = fresh.map((code) => codes.fingerprintOf(personId, readRecoveryCode(code)!));
    await tx.query('/* factors.dropCodes */ DELETE FROM recovery_code WHERE "personId" = $1', [personId]);
    await tx.query(
      `/* factors.addCodes */ INSERT INTO recovery_code ("personId", "codeIndex", "codeKey", "createdAt")
       SELECT $1, c.mac, c.key, $4 FROM unnest($2::text[], $3::text[]) AS c (mac, key)`,
      [personId, kept.map(({ mac }) => mac.toString('base64url')), kept.map(({ key }) => key), now()],
    );
    return fresh;
  }

  private tell(
    tx: Tx,
    { personId, traceparent }: SignedInPerson,
    change: Exclude<EventData<'second-factor.changed'>['change'], 'DISABLED'>,
  ): Promise<void> {
    const data = { personId, changeId: uuidv7(), change, occurredAt: this.parts.now() };
    return emit(tx, { traceparent }, [{ type: 'second-factor.changed', data }]);
  }
}
