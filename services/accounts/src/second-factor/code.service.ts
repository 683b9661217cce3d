import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Tx } from '@tael/platform/postgres';
import { type Fingerprint, fingerprintOf, isFingerprintOf, type Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { type Outcome, refuse, type Refused } from '../outcomes/outcome.domain';
import type { AttemptLimit, AttemptService } from '../sessions/attempt.service';
import { readRecoveryCode } from './recovery-code.domain';
import { acceptedStep, codeOf, fromBase32, readTotpCode } from './totp.domain';

interface CodeParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly attempts: AttemptService;
  readonly now: () => Date;
  /** The time that an authenticator app goes by. */
  readonly real: () => Date;
}

/** The factor's secret and how far its codes are used up. */
export interface FactorRow {
  readonly secret: string;
  readonly lastStep: string;
}

/** A recovery code as it is kept; without a key it is a name under the ring's oldest key. */
interface RecoveryRow {
  readonly codeIndex: string;
  readonly codeKey: string | null;
}

/** What recovery codes were named for, before each had a key of its own. */
export const RECOVERY_PURPOSE = 'recovery-code';

/** How a code proved the person, and for a recovery code how many are left. */
export type Proof = { readonly by: 'TOTP' } | { readonly by: 'RECOVERY_CODE'; readonly left: number };

// Counted before the code is looked at, so that of many guesses at once no more than these are.
const PER_PERSON: AttemptLimit = { kind: 'SECOND_FACTOR', attemptsMax: 5, windowSeconds: 900 };
const PER_CHALLENGE: AttemptLimit = { kind: 'CHALLENGE', attemptsMax: 5, windowSeconds: 3_600 };

/** Gives the code of an authenticator app at a time step. */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  return codeOf(createHmac('sha1', fromBase32(secret)).update(counter).digest());
}

/** Checks the codes of second factors: each works once, and five wrong ones lock for a quarter of an hour. */
export class CodeService {
  constructor(private readonly parts: CodeParts) {}

  /** Counts a try at a challenge, be there such a challenge or not: both stop after five. */
  async takeChallengeTry(challenge: string): Promise<boolean> {
    const { attempts, sealer } = this.parts;
    return attempts.take(PER_CHALLENGE, sealer.blindIndex(challenge, 'challenge'));
  }

  /** Counts a try of a person's, over all challenges and sessions. */
  async takePersonTry(personId: string): Promise<boolean> {
    return this.parts.attempts.take(PER_PERSON, personId);
  }

  /** Forgets the tries of somebody who has brought a right code. */
  async forgive(personId: string): Promise<void> {
    await this.parts.attempts.forget(PER_PERSON.kind, personId);
  }

  /** Uses a code of the person's up, in the transaction of what it proves; refuses one that is wrong or was used. */
  async use(tx: Tx, personId: string, text: string): Promise<Outcome<{ proof: Proof }>> {
    const totp = readTotpCode(text);
    if (totp) return (await this.useTotp(tx, personId, totp)) ? { ok: true, proof: { by: 'TOTP' } } : wrongCode();
    const recovery = readRecoveryCode(text);
    return recovery ? this.useRecoveryCode(tx, personId, recovery) : wrongCode();
  }

  /** Gives the step whose code this is, where it is later than the last that was used. */
  stepFor(row: FactorRow, personId: string, code: string): number | undefined {
    const secret = this.parts.sealer.open(row.secret, personId);
    const given = Buffer.from(code);
    return acceptedStep(this.parts.real(), Number(row.lastStep), (step) =>
      timingSafeEqual(given, Buffer.from(totpCode(secret, step))),
    );
  }

  private async useTotp(tx: Tx, personId: string, code: string): Promise<boolean> {
    const [row]: FactorRow[] = await tx.query(
      `/* codes.lockFactor */ SELECT secret, "lastStep"::text AS "lastStep" FROM totp_factor
       WHERE "personId" = $1 AND "confirmedAt" IS NOT NULL FOR NO KEY UPDATE`,
      [personId],
    );
    const step = row && this.stepFor(row, personId, code);
    if (step === undefined) return false;
    await tx.query('/* codes.useStep */ UPDATE totp_factor SET "lastStep" = $2 WHERE "personId" = $1', [personId, step]);
    return true;
  }

  private async useRecoveryCode(tx: Tx, personId: string, code: string): Promise<Outcome<{ proof: Proof }>> {
    // The factor first, as everybody locks it: who takes it away takes its codes after it.
    await tx.query('/* codes.holdFactor */ SELECT 1 FROM totp_factor WHERE "personId" = $1 FOR NO KEY UPDATE', [personId]);
    // Locked until the end: of two who bring the same code at once, the second finds it used.
    const left: RecoveryRow[] = await tx.query(
      `/* codes.lockRecovery */ SELECT "codeIndex", "codeKey" FROM recovery_code
       WHERE "personId" = $1 AND "usedAt" IS NULL ORDER BY "codeIndex" FOR NO KEY UPDATE`,
      [personId],
    );
    const found = left.find((row) => this.isOf(row, personId, code));
    if (!found) return wrongCode();
    await tx.query(
      '/* codes.useRecovery */ UPDATE recovery_code SET "usedAt" = $3 WHERE "personId" = $1 AND "codeIndex" = $2',
      [personId, found.codeIndex, this.parts.now()],
    );
    return { ok: true, proof: { by: 'RECOVERY_CODE', left: await this.recoveryCodesLeft(tx, personId) } };
  }

  /** Gives the fingerprint of a recovery code, in the form that {@link readRecoveryCode} gives. */
  fingerprintOf(personId: string, code: string): Fingerprint {
    return fingerprintOf(this.parts.sealer, `${personId}/${code}`, personId);
  }

  private isOf({ codeIndex, codeKey }: RecoveryRow, personId: string, code: string): boolean {
    const { sealer } = this.parts;
    const text = `${personId}/${code}`;
    if (codeKey === null) return sealer.blindIndexes(text, RECOVERY_PURPOSE).includes(codeIndex);
    return isFingerprintOf(sealer, { mac: Buffer.from(codeIndex, 'base64url'), key: codeKey }, text, personId);
  }

  async recoveryCodesLeft(manager: Pick<Tx, 'query'>, personId: string): Promise<number> {
    const [row] = await manager.query(
      '/* codes.left */ SELECT count(*)::int AS n FROM recovery_code WHERE "personId" = $1 AND "usedAt" IS NULL',
      [personId],
    );
    return row.n;
  }
}

export const wrongCode = (): Refused => refuse('WRONG_CODE', ['input', 'code']);
export const tryLater = (): Refused => refuse('LIMIT_EXCEEDED', undefined, 'TRY_LATER');
