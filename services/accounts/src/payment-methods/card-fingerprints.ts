import { createHmac } from 'node:crypto';
import type { SealRing } from '@tael/platform/env';
import type { Tx } from '@tael/platform/postgres';
import { createSealer, type Fingerprint, fingerprintOf, isFingerprintOf, oldestOf, type Sealer } from '@tael/platform/seal';
import type { SameMethod } from '../person-links/person-link.domain';
import { type FingerprintRow, opens, sameMethods } from '../person-links/same-methods';
import type { CheckedCard } from './card.domain';

type NumberedCard = Pick<CheckedCard, 'number' | 'brand' | 'last4'>;

/** Knows a card again whose number is kept nowhere: by fingerprints, each under a key of its own that stands sealed. */
export class CardFingerprints {
  /** Seals the keys of fingerprints, and nothing else. */
  readonly sealer: Sealer;
  private readonly oldest: Buffer;

  constructor(ring: SealRing) {
    this.sealer = createSealer(ring, 'fingerprint');
    this.oldest = oldestOf(ring).key;
  }

  of(card: NumberedCard, paymentMethodId: string): Fingerprint {
    return fingerprintOf(this.sealer, textOf(card), paymentMethodId);
  }

  /**
   * Gives the payment method of a person's that is this card. Who asks holds the person's lock: no index can refuse the
   * second of two, since of one card no two fingerprints are alike.
   */
  async find(tx: Tx, personId: string, card: NumberedCard): Promise<string | undefined> {
    const rows: FingerprintRow[] = await tx.query(
      `/* cards.known */ SELECT id, fingerprint, "fingerprintKey" FROM payment_method
       WHERE "personId" = $1 AND last4 = $2 AND brand = $3 AND kind = 'CARD'`,
      [personId, card.last4, card.brand],
    );
    return rows.find((row) => this.isOf(row, card))?.id;
  }

  /** Gives who else has this card, those who had it first. Who asks holds the lock of its ending. */
  others(tx: Tx, personId: string, card: NumberedCard): Promise<SameMethod[]> {
    const { last4, brand } = card;
    return sameMethods(tx, { personId, kind: 'CARD', last4, brand }, (row) => opens(() => this.isOf(row, card)));
  }

  private isOf({ id, fingerprint, fingerprintKey }: FingerprintRow, card: NumberedCard): boolean {
    if (fingerprintKey !== null) return isFingerprintOf(this.sealer, { mac: fingerprint, key: fingerprintKey }, textOf(card), id);
    return createHmac('sha256', this.oldest).update(textOf(card)).digest().equals(fingerprint);
  }
}

const textOf = ({ number }: NumberedCard): string => `tael/card/${number}`;
