import type { BankAnswer, BankWord } from './bank-word.domain';

/** Whose account a mandate is for; on its way to the bank and nowhere else. */
export interface BankAccountData {
  readonly iban: string;
  readonly holderName: string;
}

/** What the bank allows us: to pull from an account and to pay to it. */
export interface Mandate {
  readonly mandateId: string;
  readonly bankName: string;
  /** DEPOSITS: two small deposits are on their way, and their amounts prove whose account it is. */
  readonly verification: 'VERIFIED' | 'DEPOSITS';
}

/** What an order moves. */
export interface OrderedAmount {
  readonly amount: bigint;
  readonly currency: string;
}

export interface BankOrder extends OrderedAmount {
  /** Ours: however often an order is sent under one key, the bank carries it out once. */
  readonly key: string;
  /** DEBIT pulls from the account, CREDIT pays to it. */
  readonly direction: 'DEBIT' | 'CREDIT';
  readonly mandateId: string;
}

/** A booking on the account that we have at the bank. */
export interface StatementLine {
  /** Where it stands in the statement: grows. */
  readonly position: bigint;
  /** The bank's name of the booking: one that is delivered twice has one. */
  readonly bookingId: string;
  /** The key of the order that it is of. */
  readonly key: string;
  readonly kind: 'BOOKED' | 'RETURNED';
  /** What came in is positive. */
  readonly amount: bigint;
  readonly currency: string;
  readonly bookedAt: Date;
}

/** No answer, or none that says what happened: the order may stand or not. */
export class BankUnavailable extends Error {
  constructor(cause: unknown) {
    super('the bank gave no clear answer', { cause });
    this.name = 'BankUnavailable';
  }
}

/** The bank at which Tael has its account, and through which money comes from and goes to accounts elsewhere. */
export interface Bank {
  /** Gives a mandate, one a key; null where the bank says that there is no such account. @throws BankUnavailable */
  openMandate(account: BankAccountData, key: string): Promise<Mandate | null>;
  /** Says whether these are the two small deposits. @throws BankUnavailable */
  confirmMandate(mandateId: string, amounts: readonly bigint[], currency: string): Promise<boolean>;
  /** @throws BankUnavailable */
  submit(order: BankOrder): Promise<Exclude<BankAnswer, { status: 'unknown' }>>;
  /** Asks what became of an order under a key. @throws BankUnavailable, also where it is of another amount */
  status(key: string, wanted: OrderedAmount): Promise<Exclude<BankAnswer, { status: 'refused' }>>;
  /** Stops an order that has moved nothing yet; one that never arrived will not be taken any more. @throws BankUnavailable */
  cancel(key: string, wanted: OrderedAmount): Promise<BankWord>;
  /** Gives the bookings after a position, in order. @throws BankUnavailable */
  statement(after: bigint, limit: number): Promise<StatementLine[]>;
}
