/** A card on its way to the processor, and nowhere else. */
export interface CardData {
  readonly number: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
  readonly securityCode: string;
  readonly holderName: string;
}

/** What the processor keeps a card under, and whether its number is one of those that a processor publishes for tests. */
export interface CardToken {
  readonly token: string;
  readonly isTestNumber: boolean;
}

/** What a charge is of. */
export interface ChargedAmount {
  readonly amount: bigint;
  readonly currency: string;
}

export interface ChargeOrder extends ChargedAmount {
  /** Ours: however often an order is sent under one key, the card is charged once. */
  readonly key: string;
  readonly token: string;
}

/** Why the money of a charge went back to its card; null where it stays. */
export type ChargeReturn = 'disputed' | 'refunded' | null;

/**
 * What became of a charge. `refused`: the processor will not take the order at all, and has charged nothing.
 * `unknown`: it knows of no charge under the key.
 */
export type ChargeResult =
  | { readonly status: 'succeeded' | 'declined'; readonly chargeId: string; readonly returned: ChargeReturn } | { readonly status: 'refused' | 'unknown' };

/** No answer, or none that says what happened: the charge may stand or not. */
export class ProcessorUnavailable extends Error {
  constructor(cause: unknown) {
    super('the card processor gave no clear answer', { cause });
    this.name = 'ProcessorUnavailable';
  }
}

/** Turns cards into tokens and charges tokens. */
export interface CardProcessor {
  /** Gives a token for a card; null where the processor says that it is none. @throws ProcessorUnavailable */
  tokenise(card: CardData): Promise<CardToken | null>;
  /** @throws ProcessorUnavailable */
  charge(order: ChargeOrder): Promise<Exclude<ChargeResult, { status: 'unknown' }>>;
  /** Asks what became of the charge of this amount under a key. @throws ProcessorUnavailable, also for another amount */
  chargeByKey(key: string, wanted: ChargedAmount): Promise<ChargeResult>;
}
