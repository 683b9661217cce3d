import { DateTime } from '@tael/graphql';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum PayoutHoldReasonEnum {
  NOT_VERIFIED = 'NOT_VERIFIED',
  SUSPENDED = 'SUSPENDED',
  NO_ACCOUNT = 'NO_ACCOUNT',
  ACCOUNT_NOT_VERIFIED = 'ACCOUNT_NOT_VERIFIED',
  ACCOUNT_HELD = 'ACCOUNT_HELD',
  WAITING = 'WAITING',
  OWES = 'OWES',
}

registerEnumType(PayoutHoldReasonEnum, {
  name: 'PayoutHoldReason',
  description:
    'NOT_VERIFIED: nobody has approved the merchant\'s documents yet. SUSPENDED: the merchant may not trade at present. NO_ACCOUNT: an owner sets one. ' +
    'ACCOUNT_NOT_VERIFIED: its two small deposits are not named, or were named wrongly too often. ACCOUNT_HELD: a payout failed or came back. WAITING: the ' +
    'account took another\'s place a moment ago. OWES: more went back than came; the next batches pay for that first.',
});

@ObjectType('PayoutHold', { description: 'Why nothing is paid out to a merchant by itself. What is payable to it waits.' })
export class PayoutHoldType {
  @Field(() => PayoutHoldReasonEnum, { description: 'Of several, the one to be dealt with first.' })
  reason: keyof typeof PayoutHoldReasonEnum;

  @Field(() => DateTime, { nullable: true, description: 'With WAITING: when payouts go on by themselves.' })
  until: Date | null;

  @Field(() => ID, { nullable: true, description: 'With ACCOUNT_HELD: the payout that failed or came back. resumePayouts names it.' })
  payoutId: string | null;

  @Field(() => Int, { nullable: true, description: 'With ACCOUNT_HELD: how often resumePayouts may still be used, until the account has taken a payout.' })
  resumptionsLeft: number | null;
}
