import type { Tx } from '@tael/platform/postgres';

/** Keeps the people of whom accounts told, their contact as it came: sealed. */
export class PersonService {
  /** Notes a person; what is known already stays. */
  async note(tx: Tx, person: { id: string; contact: string; registeredAt: Date }): Promise<void> {
    await tx.query(
      `/* people.note */ INSERT INTO person (id, contact, "registeredAt") VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
      [person.id, person.contact, person.registeredAt],
    );
  }
}
