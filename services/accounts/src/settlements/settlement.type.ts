import { connectionTypes, CurrencyCodeScalar, DateTime, MoneyType, UserErrorType } from '@tael/graphql';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum PayoutStatusEnum {
  PENDING = 'PENDING',
  SETTLED = 'SETTLED',
  FAILED = 'FAILED',
  RETURNED = 'RETURNED',
}

registerEnumType(PayoutStatusEnum, {
  name: 'PayoutStatus', description: 'PENDING until the bank says how it ended. FAILED and RETURNED: the money is payable again, and waits until somebody acts.',
});

@ObjectType('Payout', { description: 'What is paid to a merchant\'s bank account. One may carry several settlements.' })
export class PayoutType {
  @Field(() => ID)
  id: string;

  @Field(() => PayoutStatusEnum)
  status: keyof typeof PayoutStatusEnum;

  @Field(() => String, { nullable: true, description: 'Why it is FAILED or RETURNED.' })
  failureReason: string | null;

  @Field(() => MoneyType)
  amount: MoneyType;

  @Field(() => String, { description: 'The last four characters of the account.' })
  last4: string;

  @Field(() => DateTime)
  createdAt: Date;

  @Field(() => DateTime, { nullable: true })
  endedAt: Date | null;
}

export enum SettlementLineKindEnum {
  PAYMENT = 'PAYMENT',
  REFUND = 'REFUND',
  ADJUSTMENT = 'ADJUSTMENT',
}

registerEnumType(SettlementLineKindEnum, { name: 'SettlementLineKind' });

@ObjectType('SettlementLine')
export class SettlementLineType {
  @Field(() => ID)
  transactionId: string;

  @Field(() => SettlementLineKindEnum)
  kind: keyof typeof SettlementLineKindEnum;

  @Field(() => MoneyType, { description: 'Negative for what went back.' })
  amount: MoneyType;

  @Field(() => ID, { nullable: true, description: 'The payment that a refund is of.' })
  paymentId: string | null;

  @Field(() => DateTime)
  bookedAt: Date;
}

@ObjectType('Settlement', {
  description:
    'A closed batch of what came to a merchant. gross - refunds + adjustments - fees - reserveHeld + reserveReleased = net, and openingBalance + net = ' +
    'closingBalance. Each payment and refund is in exactly one.',
})
export class SettlementType {
  @Field(() => ID)
  id: string;

  @Field(() => ID)
  merchantId: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => Int, { description: '1 for the merchant\'s first of the currency, and so on without a gap.' })
  number: number;

  @Field(() => String, { description: 'For example 2026-11-28.' })
  businessDay: string;

  @Field(() => DateTime)
  closedAt: Date;

  @Field(() => MoneyType)
  gross: MoneyType;

  @Field(() => MoneyType)
  refunds: MoneyType;

  @Field(() => MoneyType, { description: 'What else moved, signed: what was written off of what the merchant owed, for example.' })
  adjustments: MoneyType;

  @Field(() => MoneyType, { description: 'The merchant\'s rate on the gross, rounded half-even once, and what each payment costs: never more than was paid.' })
  fees: MoneyType;

  @Field(() => MoneyType)
  reserveHeld: MoneyType;

  @Field(() => MoneyType)
  reserveReleased: MoneyType;

  @Field(() => MoneyType, { description: 'Below zero where more went back than came: it is carried over, and never paid.' })
  net: MoneyType;

  @Field(() => MoneyType, { description: 'What the merchant had to get before; below zero where it owed.' })
  openingBalance: MoneyType;

  @Field(() => MoneyType)
  closingBalance: MoneyType;

  @Field(() => Int)
  paymentCount: number;

  @Field(() => Int)
  refundCount: number;

  @Field(() => Int)
  feeBasisPoints: number;

  @Field(() => MoneyType)
  feePerPayment: MoneyType;

  @Field(() => String, { nullable: true, description: 'The business day whose settlement releases what is held back here.' })
  reserveReleaseDay: string | null;

  @Field(() => PayoutType, { nullable: true, description: 'The newest payout that carries it; null while it waits for one.' })
  payout: PayoutType | null;

  /** What the fields below are read from. */
  view: unknown;
}

export const { Connection: SettlementConnection, Edge: SettlementEdge } = connectionTypes<SettlementType>('Settlement', () => SettlementType);
export const { Connection: SettlementLineConnection, Edge: SettlementLineEdge } = connectionTypes<SettlementLineType>('SettlementLine', () => SettlementLineType);

@ObjectType('MerchantTerms', { description: 'What a merchant is charged in settlement, and how much is held back for how long.' })
export class MerchantTermsType {
  @Field(() => ID)
  merchantId: string;

  @Field(() => Int)
  feeBasisPoints: number;

  @Field(() => MoneyType)
  feePerPayment: MoneyType;

  @Field(() => Int)
  reserveBasisPoints: number;

  @Field(() => Int)
  reserveDays: number;

  @Field(() => DateTime, { description: 'The beginning of the business day that they hold from.' })
  effectiveFrom: Date;
}

@ObjectType('SetMerchantTermsPayload')
export class SetMerchantTermsPayload {
  @Field(() => MerchantTermsType, { nullable: true })
  terms?: MerchantTermsType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType('CloseSettlementPayload')
export class CloseSettlementPayload {
  @Field(() => SettlementType, { nullable: true })
  settlement?: SettlementType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
