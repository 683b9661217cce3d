import { randomBytes } from 'node:crypto';
import type { Role } from '@tael/platform/identity';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { AttemptLimit, AttemptService } from '../sessions/attempt.service';
import { attemptSubject } from '../sessions/device.domain';
import type { IssuedSession, SessionOrigin, SessionService, StartedSession } from '../sessions/session.service';
import { openWalletIn } from '../wallets/wallet.service';
import type { PasswordService } from './password.service';
import { checkSignUp, normaliseEmail, type SignUp, type SignUpCommand } from './person.domain';
import type { PersonEntity } from './person.entity';
import { REFERRAL_CODE_BYTES, readReferralCode, referralCode } from './referral-code.domain';

/** A person as their own eyes see them, unsealed. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
  readonly locale: string;
  readonly timeZone: string;
  readonly referralCode: string;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
}

/** Where a request came from: the client's address, what it calls itself, and the trace of the request. */
export type RequestOrigin = SessionOrigin;

interface PersonParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly passwords: PasswordService;
  readonly sessions: SessionService;
  readonly attempts: AttemptService;
  readonly signUpsPerHour: number;
  readonly now: () => Date;
}

const PERSON = 'id, email, "displayName", locale, "timeZone", "referralCode", roles, "createdAt"';

/** What mail addresses are named for. */
export const EMAIL_PURPOSE = 'email';

/** Gives the keyed one-way name of a mail address, under which a person is kept from now on. */
export function emailIndex(sealer: Sealer, email: string): string {
  return sealer.blindIndex(normaliseEmail(email), EMAIL_PURPOSE);
}

/** Gives every name under which the person with a mail address may stand: while keys turn, that is more than one. */
export function emailIndexes(sealer: Sealer, email: string): readonly string[] {
  return sealer.blindIndexes(normaliseEmail(email), EMAIL_PURPOSE);
}

/** Gives the names of people, by id, for those who may see them: a transfer's other side. Unknown ids are left out. */
export async function displayNames(
  manager: EntityManager,
  sealer: Sealer,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows: { id: string; displayName: string }[] = await manager.query(
    '/* people.names */ SELECT id, "displayName" FROM person WHERE id = ANY ($1::uuid[])',
    [ids],
  );
  return new Map(rows.map((row) => [row.id, sealer.open(row.displayName, row.id)]));
}

/** Finds a person by mail address, as a sender of money types it. */
export async function personByEmail(
  manager: EntityManager,
  sealer: Sealer,
  email: string,
): Promise<{ id: string } | undefined> {
  const [row]: { id: string }[] = await manager.query(
    '/* people.byEmail */ SELECT id FROM person WHERE "emailIndex" = ANY ($1::text[])',
    [emailIndexes(sealer, email)],
  );
  return row;
}

/** People: how they come, and what they may know of themselves. */
export class PersonService {
  private readonly signUpLimit: AttemptLimit;

  constructor(private readonly parts: PersonParts) {
    this.signUpLimit = { kind: 'SIGN_UP', attemptsMax: parts.signUpsPerHour, windowSeconds: 3_600 };
  }

  /** Registers a person with a wallet, a referral code and a first session, all or nothing. */
  async signUp(
    command: SignUpCommand,
    origin: RequestOrigin,
  ): Promise<Outcome<{ person: Person; session: IssuedSession }>> {
    const { dataSource, sealer, passwords, sessions, attempts } = this.parts;
    const checked = checkSignUp(command);
    if (!checked.ok) return checked;
    const { signUp } = checked;
    if (!(await attempts.take(this.signUpLimit, sealer.blindIndex(attemptSubject(origin.address), 'address')))) {
      return refuse('LIMIT_EXCEEDED', undefined, 'TRY_LATER');
    }
    // Before the costly hash; the unique constraint decides in the end.
    if (await personByEmail(dataSource.manager, sealer, signUp.email)) return emailTaken();
    const passwordHash = await passwords.hash(signUp.password);
    const done = await inTransaction(dataSource, (tx) => this.register(tx, { ...signUp, passwordHash }, origin));
    if (!done.ok) return done;
    return { ok: true, person: done.person, session: await sessions.issue(done.session) };
  }

  private async register(
    tx: Tx,
    signUp: SignUp & { passwordHash: string },
    origin: RequestOrigin,
  ): Promise<Outcome<{ person: Person; session: StartedSession }>> {
    const { traceparent } = origin;
    const referredBy = signUp.referralCode === null ? null : await this.referrer(tx, signUp.referralCode);
    if (referredBy === undefined) return refuse('INVALID_INPUT', ['input', 'referralCode'], 'REFERRAL_CODE');
    const person = await this.add(tx, signUp, referredBy);
    if (!person) return emailTaken();
    const { id: personId, locale, timeZone, createdAt } = person;
    await tx.query(
      '/* people.addCredential */ INSERT INTO credential ("personId", "passwordHash", "changedAt") VALUES ($1, $2, $3)',
      [personId, signUp.passwordHash, createdAt],
    );
    const contact = this.parts.sealer.seal(
      JSON.stringify({ displayName: person.displayName, email: person.email }),
      personId,
    );
    await emit(tx, { traceparent }, [
      {
        type: 'person.registered',
        data: {
          personId,
          locale,
          timeZone,
          referralCode: person.referralCode,
          referredBy,
          channel: signUp.channel,
          contact,
          occurredAt: createdAt,
        },
      },
    ]);
    await openWalletIn(tx, { personId, currency: signUp.currency, now: createdAt, traceparent });
    // The device of the sign-up is known from the start: it is no news to its owner.
    return { ok: true, person, session: await this.parts.sessions.start(tx, person, origin) };
  }

  /** Gives who owns a friend's code: undefined where nobody does. */
  private async referrer(tx: Tx, text: string): Promise<string | undefined> {
    const code = readReferralCode(text);
    if (!code) return undefined;
    const [row]: { id: string }[] = await tx.query(
      '/* people.byCode */ SELECT id FROM person WHERE "referralCode" = $1',
      [code],
    );
    return row?.id;
  }

  /** Writes the person's row; undefined where somebody has the address, be it since a moment ago. */
  private async add(tx: Tx, signUp: SignUp, referredBy: string | null): Promise<Person | undefined> {
    const { sealer, now } = this.parts;
    const person: Person = {
      id: uuidv7(),
      email: signUp.email,
      displayName: signUp.displayName,
      locale: signUp.locale,
      timeZone: signUp.timeZone,
      referralCode: referralCode(randomBytes(REFERRAL_CODE_BYTES)),
      roles: ['CUSTOMER'],
      createdAt: now(),
    };
    if (await this.isTaken(tx, person.email)) return undefined;
    const added: unknown[] = await tx.query(
      `/* people.add */ INSERT INTO person (id, "emailIndex", "emailIndexKey", email, "displayName", locale, "timeZone",
         "referralCode", "referredBy", channel, campaign, roles, "createdAt")
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT ("emailIndex") DO NOTHING RETURNING 1`,
      [
        person.id,
        emailIndex(sealer, person.email),
        sealer.keyId,
        sealer.seal(person.email, person.id),
        sealer.seal(person.displayName, person.id),
        person.locale,
        person.timeZone,
        person.referralCode,
        referredBy,
        signUp.channel,
        signUp.campaign,
        person.roles,
        person.createdAt,
      ],
    );
    return added.length > 0 ? person : undefined;
  }

  /**
   * Says whether somebody has an address, under whichever key. Of two who register it at the same time, in instances of
   * which one is a step ahead with its keys, both know one name in common: the second waits here until the first is done.
   */
  private async isTaken(tx: Tx, email: string): Promise<boolean> {
    const { sealer } = this.parts;
    await tx.query(
      `/* people.lockAddress */ SELECT pg_advisory_xact_lock(hashtextextended(name, 0))
       FROM (SELECT name FROM unnest($1::text[]) AS u (name) ORDER BY name) AS n`,
      [emailIndexes(sealer, email)],
    );
    return (await personByEmail(tx, sealer, email)) !== undefined;
  }

  /** Gives people by id, unsealed. Only the person may be shown this. */
  async byIds(ids: readonly string[]): Promise<Person[]> {
    const rows: PersonEntity[] = await this.parts.dataSource.query(
      `/* people.byIds */ SELECT ${PERSON} FROM person WHERE id = ANY ($1::uuid[])`,
      [ids],
    );
    const { sealer } = this.parts;
    return rows.map((row) => ({
      ...row,
      email: sealer.open(row.email, row.id),
      displayName: sealer.open(row.displayName, row.id),
    }));
  }
}

const emailTaken = () => refuse('EMAIL_TAKEN', ['input', 'email']);
