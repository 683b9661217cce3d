import type { DeviceMark } from '@tael/platform/identity';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { emailIndex, emailIndexes } from '../people/person.service';
import type { AttemptLimit, AttemptService } from './attempt.service';
import { signInNameOf } from './device.service';

/** What a client shows of itself before anybody knows who it is. */
export interface SignInAsker {
  readonly email: string;
  readonly device?: DeviceMark | undefined;
}

const DAY_SECONDS = 24 * 60 * 60;
/** After so many in a day a subject is shut for the rest of it: who goes on each quarter of an hour would have ten times as many guesses. */
const PER_DAY: AttemptLimit = { kind: 'FAILED_SIGN_IN_DAY', attemptsMax: 100, windowSeconds: DAY_SECONDS };

/**
 * Failed sign-ins. They count against a mail address, whether there is somebody with it or not; but on a device that somebody has come in with under that
 * address, against the device alone: a stranger who goes on guessing does not shut the owner out, and gets no more guesses than on one device without a mark.
 * What is counted is asked of an index by a hash that only who has the mark can make, so no answer and no time tells of anybody else.
 */
export class SignInFailures {
  private readonly limits: readonly AttemptLimit[];

  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer; attempts: AttemptService; perQuarterHour: number }) {
    this.limits = [{ kind: 'FAILED_SIGN_IN', attemptsMax: parts.perQuarterHour, windowSeconds: 900 }, PER_DAY];
  }

  /** Gives what the failures of somebody who signs in are counted by. */
  async subjectOf({ email, device }: SignInAsker): Promise<string> {
    const { dataSource, sealer } = this.parts;
    const name = emailIndex(sealer, email);
    if (!device?.brought) return name;
    const [known]: { subject: string }[] = await dataSource.query(
      `/* signInFailures.device */ SELECT encode("signInName", 'hex') AS subject FROM device WHERE "signInName" = ANY ($1::bytea[]) LIMIT 1`,
      [emailIndexes(sealer, email).map((index) => signInNameOf(index, device.mark))],
    );
    return known?.subject ?? name;
  }

  /** Says whether one more failure is within the limits. */
  async isOpen(subject: string): Promise<boolean> {
    for (const limit of this.limits) {
      if (!(await this.parts.attempts.isOpen(limit, subject))) return false;
    }
    return true;
  }

  /** Counts one failure; false where it is one too many. */
  async take(subject: string): Promise<boolean> {
    const taken: boolean[] = [];
    for (const limit of this.limits) taken.push(await this.parts.attempts.take(limit, subject));
    return !taken.includes(false);
  }

  /** Begins the counts of a person anew, at their address and on each of their devices. */
  async forget({ personId, email }: { personId: string; email: string }): Promise<void> {
    const { dataSource, sealer } = this.parts;
    await dataSource.query(
      `/* signInFailures.forget */ DELETE FROM attempt_window WHERE kind = ANY ($1::text[]) AND subject = ANY (ARRAY(
         SELECT encode("signInName", 'hex') FROM device WHERE "personId" = $2 AND "signInName" IS NOT NULL UNION ALL SELECT $3::text))`,
      [this.limits.map(({ kind }) => kind), personId, emailIndex(sealer, email)],
    );
  }
}
