import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { linkPeople } from '../person-links/person-link.service';
import { lockEnding } from '../person-links/same-methods';
import type { CardProcessor, CardToken } from '../processor/card-processor.port';
import { type CardCommand, type CheckedCard, checkCard } from './card.domain';
import type { CardFingerprints } from './card-fingerprints';
import type { PaymentMethodEntity } from './payment-method.entity';

/** What a person sees of a payment method. The token is not in it. */
export type PaymentMethod = Pick<
  PaymentMethodEntity,
  'id' | 'personId' | 'kind' | 'brand' | 'last4' | 'expiryMonth' | 'expiryYear' | 'isDefault' | 'status'
>;

interface PaymentMethodParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly processor: CardProcessor;
  readonly fingerprints: CardFingerprints;
  readonly now: () => Date;
}

/** The columns of what a person sees. */
export const VISIBLE = 'id, "personId", kind, brand, last4, "expiryMonth", "expiryYear", "isDefault", status';

/** Cards of people. Number and code go to the processor and are kept nowhere. */
export class PaymentMethodService {
  constructor(private readonly parts: PaymentMethodParts) {}

  /** Stores a card; the same card again is the same payment method, with the expiry and token of now. */
  async addCard(
    caller: { personId: string; traceparent: string },
    command: CardCommand,
  ): Promise<Outcome<{ paymentMethod: PaymentMethod }>> {
    const checked = checkCard(command, this.parts.now());
    if (!checked.ok) return checked;
    const tokenised = await this.parts.processor.tokenise(checked.card);
    if (tokenised === null) return refuse('INVALID_INPUT', ['input', 'number'], 'CARD_NUMBER');
    const paymentMethod = await inTransaction(this.parts.dataSource, (tx) =>
      this.store(tx, caller, { card: checked.card, ...tokenised }),
    );
    return { ok: true, paymentMethod };
  }

  private async store(
    tx: Tx,
    caller: { personId: string; traceparent: string },
    { card, token, isTestNumber }: CardToken & { card: CheckedCard },
  ): Promise<PaymentMethod> {
    const { personId } = caller;
    const { fingerprints } = this.parts;
    // Orders all who add cards for this person: one of two first cards becomes the default, and the same card is one,
    // whichever keys the instances of the two have.
    await tx.query('/* cards.lockPerson */ SELECT 1 FROM person WHERE id = $1 FOR NO KEY UPDATE', [personId]);
    // The number of a processor's documentation is everybody's: it says nothing of who is who.
    if (!isTestNumber) await this.link(tx, caller, card);
    const known = await fingerprints.find(tx, personId, card);
    const id = known ?? uuidv7();
    const sealedToken = this.parts.sealer.seal(token, id);
    if (known) return this.renew(tx, id, { card, sealedToken });
    const now = this.parts.now();
    const fingerprint = fingerprints.of(card, id);
    const [added]: PaymentMethod[] = await tx.query(
      `/* cards.add */ INSERT INTO payment_method (id, "personId", kind, brand, last4, "expiryMonth", "expiryYear", token,
         fingerprint, "fingerprintKey", "isDefault", "createdAt")
       SELECT $1, $2, 'CARD', $3, $4, $5, $6, $7, $8, $9,
         NOT EXISTS (SELECT 1 FROM payment_method WHERE "personId" = $2 AND "isDefault"), $10
       RETURNING ${VISIBLE}`,
      [
        id, personId, card.brand, card.last4, card.expiryMonth, card.expiryYear, sealedToken, fingerprint.mac,
        fingerprint.key, now,
      ],
    );
    const { brand, last4 } = card;
    await emit(tx, caller, [
      { type: 'card.added', data: { personId, paymentMethodId: id, brand, last4, occurredAt: now } },
    ]);
    return added!;
  }

  /** Links the person to those who had this card first. */
  private async link(tx: Tx, caller: { personId: string; traceparent: string }, card: CheckedCard): Promise<void> {
    await lockEnding(tx, { kind: 'CARD', last4: card.last4 });
    const same = await this.parts.fingerprints.others(tx, caller.personId, card);
    await linkPeople(tx, caller, same.map(({ personId }) => personId), { by: 'CARD', at: this.parts.now() });
  }

  private async renew(
    tx: Tx,
    id: string,
    { card, sealedToken }: { card: CheckedCard; sealedToken: string },
  ): Promise<PaymentMethod> {
    const [rows]: [PaymentMethod[], number] = await tx.query(
      `/* cards.renew */ UPDATE payment_method SET "expiryMonth" = $2, "expiryYear" = $3, token = $4 WHERE id = $1
       RETURNING ${VISIBLE}`,
      [id, card.expiryMonth, card.expiryYear, sealedToken],
    );
    return rows[0]!;
  }

  /** Gives a person's payment methods, oldest first. */
  ofPeople(personIds: readonly string[]): Promise<PaymentMethod[]> {
    return this.parts.dataSource.query(
      `/* cards.ofPeople */ SELECT ${VISIBLE} FROM payment_method WHERE "personId" = ANY ($1::uuid[]) ORDER BY id`,
      [personIds],
    );
  }
}
