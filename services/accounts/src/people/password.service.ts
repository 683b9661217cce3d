import { randomBytes } from 'node:crypto';
import { type Algorithm, hash, verify } from '@node-rs/argon2';

// OWASP's floor for argon2id: 19 MiB, two passes, one lane. About 28 ms of one core.
const ARGON2ID = { algorithm: 2 as Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** As many hashes at once as leave the event loop its core; each takes 19 MiB. */
const AT_ONCE_MAX = 2;

/** So many may wait: about a second of work, and half of what the service takes on at once. Who comes after is told to try again. */
const WAITING_MAX = 64;

/** The queue of password hashes is full; nothing was done. */
export class PasswordsBusy extends Error {
  constructor() {
    super('too many passwords wait to be checked');
    this.name = 'PasswordsBusy';
  }
}

/** Hashes and checks passwords, a bounded number at once: sign-ins cannot starve payments of the processor. */
export class PasswordService {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly decoy: Promise<string>;

  constructor(private readonly bounds = { atOnceMax: AT_ONCE_MAX, waitingMax: WAITING_MAX }) {
    this.decoy = hash(randomBytes(16), ARGON2ID);
  }

  /** @throws PasswordsBusy where the queue is full */
  hash(password: string): Promise<string> {
    return this.bounded(() => hash(password, ARGON2ID));
  }

  /**
   * Says whether `password` is the one that was hashed. Without a hash the answer is no, after work of the same cost, so
   * that the time tells nobody whether there is such a person.
   * @throws PasswordsBusy where the queue is full
   */
  async verify(passwordHash: string | undefined, password: string): Promise<boolean> {
    const subject = passwordHash ?? (await this.decoy);
    const fits = await this.bounded(() => verify(subject, password));
    return fits && passwordHash !== undefined;
  }

  /** Says whether a hash was made when less was asked of it than now: who has it gets a new one at the next sign-in, when the password is at hand. */
  isOutdated(passwordHash: string): boolean {
    const [, memory = '0', time = '0'] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$/.exec(passwordHash) ?? [];
    return Number(memory) * Number(time) < ARGON2ID.memoryCost * ARGON2ID.timeCost;
  }

  private async bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.bounds.atOnceMax) {
      if (this.waiting.length >= this.bounds.waitingMax) throw new PasswordsBusy();
      // The one that ends hands its place on: `running` stays as it is.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
