import type { SealRing } from '@tael/platform/env';
import type { Tx } from '@tael/platform/postgres';
import { indexedColumn, type OnFault, type ResealTask, sealedColumn, Unreadable } from '@tael/platform/reseal';
import { createSealer, type Sealer } from '@tael/platform/seal';
import { emit } from '../events/emission';
import { NUMBER_PURPOSE, plainNumber } from '../history-imports/account-number.domain';
import { normaliseEmail } from '../people/person.domain';
import { EMAIL_PURPOSE } from '../people/person.service';
import { keylessCards, keylessRecoveryCodes } from './keyless.tasks';
import { SEALED_BY_FINGERPRINT_KEYS, SEALED_BY_SEAL_KEYS } from './sealed-columns';

export interface KeyTurnSettings {
  readonly SEAL_KEYS: SealRing;
  readonly CARD_FINGERPRINT_KEYS: SealRing;
}

/** What comes under the first of SEAL_KEYS, once it is another one. */
export function sealTasks({ SEAL_KEYS: ring }: KeyTurnSettings, onFault: OnFault = () => undefined): ResealTask[] {
  const sealer = createSealer(ring);
  const afterwards = (tx: Tx, ids: readonly string[]) => tellContacts(tx, ids, { sealer, onFault });
  return [
    ...SEALED_BY_SEAL_KEYS.map((column) =>
      sealedColumn(sealer, column.column === 'email' ? { ...column, afterwards } : column, onFault),
    ),
    indexedColumn(
      sealer,
      {
        table: 'person', column: 'emailIndex', keyIdColumn: 'emailIndexKey', key: 'id', owner: 'id', sealed: 'email',
        purpose: EMAIL_PURPOSE, valueOf: normaliseEmail,
      },
      onFault,
    ),
    indexedColumn(
      sealer,
      {
        table: 'partner_account', column: 'numberIndex', keyIdColumn: 'numberIndexKey', key: 'id', owner: 'id', sealed: 'number',
        purpose: NUMBER_PURPOSE, valueOf: plainNumber,
      },
      onFault,
    ),
    keylessRecoveryCodes(sealer, ring, onFault),
  ];
}

/** What comes under the first of CARD_FINGERPRINT_KEYS. */
export function fingerprintTasks({ CARD_FINGERPRINT_KEYS: ring }: KeyTurnSettings, onFault: OnFault = () => undefined): ResealTask[] {
  const sealer = createSealer(ring, 'fingerprint');
  return [
    ...SEALED_BY_FINGERPRINT_KEYS.map((column) => sealedColumn(sealer, column, onFault)),
    keylessCards(sealer, ring, onFault),
  ];
}

/**
 * Tells the contact of people again, sealed under the key of now: `person.registered` stays in the topic for ever, and its
 * key does not. Whoever reads the topic from the beginning, after the key is gone, gets the contact from this.
 */
async function tellContacts(
  tx: Tx,
  ids: readonly string[],
  { sealer, onFault }: { sealer: Sealer; onFault: OnFault },
): Promise<void> {
  const rows: { id: string; email: string; displayName: string }[] = await tx.query(
    '/* reseal.contacts */ SELECT id, email, "displayName" FROM person WHERE id = ANY ($1::uuid[])',
    [ids],
  );
  const occurredAt = new Date();
  const events = new Unreadable().each(
    rows.map((row) => ({ ...row, key: row.id })),
    (row) => {
      const contact = { displayName: sealer.open(row.displayName, row.id), email: sealer.open(row.email, row.id) };
      const data = { personId: row.id, contact: sealer.seal(JSON.stringify(contact), row.id), occurredAt };
      return { type: 'person.contact-resealed' as const, data };
    },
    ({ key }, error) => onFault({ table: 'person', column: 'displayName', key, error }),
  );
  await emit(tx, {}, events);
}
