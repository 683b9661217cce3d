import type { DeviceMark } from '@tael/platform/identity';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { emailIndex } from '../people/person.service';
import type { AttemptLimit, AttemptService } from './attempt.service';
import { signInNameOf } from './device.service';

/** What a client shows of itself before anybody knows who it is. */
export interface SignInAsker {
  readonly email: string;
  readonly device?: DeviceMark | undefined;
}

/**
 * Failed sign-ins. They count against a mail address, whether there is somebody with it or not; but on a device that somebody has come in with under that
 * address, since the password that counts now, against the device alone: a stranger who goes on guessing does not shut the owner out there, and a mark that is
 * stolen is good for as many guesses as the address. What is counted is asked of an index by a name that only who has the mark can make, so no answer and no time tells
 * of anybody else. In a day there are fewer than the quarters of its hours would give.
 */
export class SignInFailures {
  private readonly limits: readonly AttemptLimit[];

  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer; attempts: AttemptService; perQuarterHour: number; perDay: number }) {
    this.limits = [
      { kind: 'FAILED_SIGN_IN', attemptsMax: parts.perQuarterHour, windowSeconds: 900 },
      { kind: 'FAILED_SIGN_IN_DAY', attemptsMax: parts.perDay, windowSeconds: 24 * 60 * 60 },
    ];
  }

  /** Gives what the failures of somebody who signs in are counted by. */
  async subjectOf({ email, device }: SignInAsker): Promise<string> {
    const { dataSource, sealer } = this.parts;
    const name = emailIndex(sealer, email);
    if (!device?.brought) return name;
    const here = signInNameOf(device.mark, email);
    const known: unknown[] = await dataSource.query('/* signInFailures.device */ SELECT 1 FROM device WHERE "signInName" = $1 LIMIT 1', [here]);
    return known.length > 0 ? here.toString('hex') : name;
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
