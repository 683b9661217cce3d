import { createHash, randomBytes } from 'node:crypto';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { stopRemoval } from '../factor-removals/factor-removal.store';
import type { Outcome } from '../outcomes/outcome.domain';
import { type CodeService, type Proof, tryLater, wrongCode } from './code.service';

/** How long the second step of a sign-in may take. */
const CHALLENGE_MINUTES = 5;

/** What is shown in place of a session until the second factor has answered. The token is good for nothing else. */
export interface SignInChallenge {
  readonly token: string;
  readonly expiresAt: Date;
}

const TOKEN = /^[\w-]{43}$/;
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The second step of a sign-in. Challenges that exist and those that do not answer alike. */
export class SignInChallengeService {
  constructor(private readonly parts: { dataSource: DataSource; codes: CodeService; now: () => Date }) {}

  /** Begins a challenge where the person has a second factor; undefined where there is none to ask. */
  async begin(tx: Tx, personId: string): Promise<SignInChallenge | undefined> {
    const now = this.parts.now();
    const token = randomBytes(32).toString('base64url');
    const expiresAt = new Date(now.getTime() + CHALLENGE_MINUTES * 60_000);
    const begun: unknown[] = await tx.query(
      `/* challenges.begin */ INSERT INTO sign_in_challenge (hash, "personId", "expiresAt")
       SELECT $1, f."personId", $3 FROM totp_factor f
       WHERE f."personId" = $2 AND f."confirmedAt" IS NOT NULL RETURNING 1`,
      [hashOf(token), personId, expiresAt],
    );
    if (begun.length === 0) return undefined;
    await tx.query('/* challenges.prune */ DELETE FROM sign_in_challenge WHERE "personId" = $1 AND "expiresAt" <= $2', [
      personId,
      now,
    ]);
    return { token, expiresAt };
  }

  /** Does `work` for whoever answers a challenge with a right code, in the transaction that uses both up. */
  async answer<Done extends object>(
    answer: { challengeToken: string; code: string; traceparent: string },
    work: (tx: Tx, personId: string) => Promise<Outcome<Done>>,
  ): Promise<Outcome<Done>> {
    const { codes, dataSource, now } = this.parts;
    const { challengeToken } = answer;
    if (!TOKEN.test(challengeToken)) return wrongCode();
    if (!(await codes.takeChallengeTry(challengeToken))) return tryLater();
    const personId = await readChallenge(dataSource.manager, challengeToken, now());
    if (personId === undefined) return wrongCode();
    if (!(await codes.takePersonTry(personId))) return tryLater();
    const done = await inTransaction(dataSource, (tx) => this.pass(tx, { ...answer, personId }, work));
    if (done.ok) await codes.forgive(personId);
    return done;
  }

  private async pass<Done extends object>(
    tx: Tx,
    answer: { challengeToken: string; code: string; personId: string; traceparent: string },
    work: (tx: Tx, personId: string) => Promise<Outcome<Done>>,
  ): Promise<Outcome<Done>> {
    const { codes, now } = this.parts;
    const { personId } = answer;
    // Held as a sign-in holds it: a change of the password deletes the challenge, or ends the session that it gave.
    await tx.query('/* challenges.holdCredential */ SELECT 1 FROM credential WHERE "personId" = $1 FOR SHARE', [personId]);
    const open: unknown[] = await tx.query(
      '/* challenges.lock */ SELECT 1 FROM sign_in_challenge WHERE hash = $1 AND "expiresAt" > $2 FOR UPDATE',
      [hashOf(answer.challengeToken), now()],
    );
    if (open.length === 0) return wrongCode();
    const used = await codes.use(tx, personId, answer.code);
    if (!used.ok) return used;
    await tx.query('/* challenges.end */ DELETE FROM sign_in_challenge WHERE hash = $1', [hashOf(answer.challengeToken)]);
    await afterCode(tx, { personId, proof: used.proof, now: now(), traceparent: answer.traceparent });
    return work(tx, personId);
  }
}

/** Gives whose second step of a sign-in a token is for; undefined where it is for none, or for none any more. */
export async function readChallenge(manager: Pick<EntityManager, 'query'>, token: string, now: Date): Promise<string | undefined> {
  if (!TOKEN.test(token)) return undefined;
  const [open]: { personId: string }[] = await manager.query(
    '/* challenges.find */ SELECT "personId" FROM sign_in_challenge WHERE hash = $1 AND "expiresAt" > $2', [hashOf(token), now],
  );
  return open?.personId;
}

/**
 * What a right code brings besides what it was brought for: the factor is not lost, so its removal stops; and the owner is told of a recovery
 * code, whose use is rare, and the last resort of thieves too.
 */
export async function afterCode(
  tx: Tx,
  use: { personId: string; proof: Proof; now: Date; traceparent: string },
): Promise<void> {
  await stopRemoval(tx, use);
  if (use.proof.by !== 'RECOVERY_CODE') return;
  const { personId, now, traceparent } = use;
  await emit(tx, { traceparent }, [
    {
      type: 'second-factor.changed',
      data: { personId, changeId: uuidv7(), change: 'RECOVERY_CODE_USED', occurredAt: now },
    },
  ]);
}
