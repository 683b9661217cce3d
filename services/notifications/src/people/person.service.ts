import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';

/** How and where to write to a person. */
export interface Person {
  readonly id: string;
  readonly locale: string;
  readonly timeZone: string;
  readonly displayName: string;
  readonly email: string;
}

type PersonRow = { id: string; locale: string; timeZone: string; contact: string };

/** Keeps people and merchants as their services tell of them: sealed, opened only to write a message. */
export class PersonService {
  constructor(private readonly sealer: Sealer) {}

  /**
   * Keeps a person; what waited for them becomes due. Who is known stays as they are. A contact whose key was destroyed is
   * none: messages wait for it, until `person.contact-resealed` brings it.
   */
  async register(tx: Tx, person: EventData<'person.registered'>, now: Date): Promise<void> {
    const isLost = this.sealer.isLost(person.contact);
    if (!isLost) this.contactOf({ id: person.personId, contact: person.contact });
    await tx.query(
      `/* person.register */ INSERT INTO person (id, locale, "timeZone", contact, "registeredAt") VALUES ($1, $2, $3,
        $4, $5)
       ON CONFLICT (id) DO NOTHING`,
      [person.personId, person.locale, person.timeZone, isLost ? null : person.contact, person.occurredAt],
    );
    if (!isLost) await this.release(tx, person.personId, now);
  }

  /** Keeps the contact of somebody of whom it is not known; what waited for it becomes due. */
  async resealed(tx: Tx, person: EventData<'person.contact-resealed'>, now: Date): Promise<void> {
    if (this.sealer.isLost(person.contact)) return;
    this.contactOf({ id: person.personId, contact: person.contact });
    const [rows]: [unknown[], number] = await tx.query(
      '/* person.contact */ UPDATE person SET contact = $2 WHERE id = $1 AND contact IS NULL RETURNING 1',
      [person.personId, person.contact],
    );
    if (rows.length > 0) await this.release(tx, person.personId, now);
  }

  private async release(tx: Tx, personId: string, now: Date): Promise<void> {
    await tx.query(
      `/* person.release */ UPDATE intent SET "dueAt" = $2
       WHERE "personId" = $1 AND status = 'OPEN' AND reason = 'PERSON_UNKNOWN'`,
      [personId, now],
    );
  }

  /** Gives a person, or null where nothing is known of them yet. */
  async find(tx: Tx | DataSource, id: string): Promise<Person | null> {
    const [row]: PersonRow[] = await tx.query(
      '/* person.find */ SELECT id, locale, "timeZone", contact FROM person WHERE id = $1 AND contact IS NOT NULL',
      [id],
    );
    return row ? { id: row.id, locale: row.locale, timeZone: row.timeZone, ...this.contactOf(row) } : null;
  }

  /** Gives the people of these ids that are known, by id. */
  async findAll(tx: Tx | DataSource, ids: readonly string[]): Promise<Map<string, Person>> {
    if (ids.length === 0) return new Map();
    const rows: PersonRow[] = await tx.query(
      '/* person.find-all */ SELECT id, locale, "timeZone", contact FROM person WHERE id = ANY($1::uuid[]) AND contact IS NOT NULL',
      [ids],
    );
    return new Map(
      rows.map((row) => [
        row.id,
        { id: row.id, locale: row.locale, timeZone: row.timeZone, ...this.contactOf(row) },
      ]),
    );
  }

  private contactOf(row: { id: string; contact: string }): { displayName: string; email: string } {
    const { displayName, email } = JSON.parse(this.sealer.open(row.contact, row.id)) as Record<string, unknown>;
    if (typeof displayName !== 'string' || typeof email !== 'string')
      throw new TypeError('a contact holds no name or address');
    return { displayName, email };
  }
}
