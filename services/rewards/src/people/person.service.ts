import type { Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';

/** Keeps the people of whom accounts told, their contact as it came: sealed. */
export class PersonService {
  constructor(private readonly sealer: Pick<Sealer, 'isLost'>) {}

  /**
   * Notes a person; what is known already stays. A contact whose key was destroyed is none: the event is older than the
   * present keys, and the contact comes again by `person.contact-resealed`.
   */
  async note(tx: Tx, person: { id: string; contact: string; registeredAt: Date }): Promise<void> {
    await tx.query(
      `/* people.note */ INSERT INTO person (id, contact, "registeredAt") VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
      [person.id, this.sealer.isLost(person.contact) ? null : person.contact, person.registeredAt],
    );
  }

  /** Notes the contact of somebody of whom it is not known. */
  async noteContact(tx: Tx, person: { id: string; contact: string }): Promise<void> {
    if (this.sealer.isLost(person.contact)) return;
    await tx.query('/* people.noteContact */ UPDATE person SET contact = $2 WHERE id = $1 AND contact IS NULL', [
      person.id,
      person.contact,
    ]);
  }
}
