import { MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType } from 'type-graphql';
import { StepUpPurposeEnum } from './step-up.type';

@InputType('StepUpPaymentInput')
export class StepUpPaymentInput {
  @Field(() => ID)
  walletId: string;

  @Field(() => ID)
  merchantId: string;

  @Field(() => MoneyInputType)
  amount: MoneyInputType;
}

@InputType('StepUpTransferInput')
export class StepUpTransferInput {
  @Field(() => ID)
  walletId: string;

  @Field(() => String, { description: 'As in sendMoney.' })
  recipientEmail: string;

  @Field(() => MoneyInputType)
  amount: MoneyInputType;
}

@InputType('StepUpWithdrawalInput')
export class StepUpWithdrawalInput {
  @Field(() => ID)
  walletId: string;

  @Field(() => ID)
  paymentMethodId: string;

  @Field(() => MoneyInputType)
  amount: MoneyInputType;
}

@InputType('StepUpPayoutAccountInput')
export class StepUpPayoutAccountInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => String, { description: 'An IBAN (ISO 13616), with or without spaces.' })
  iban: string;
}

@InputType('StepUpPayoutResumptionInput')
export class StepUpPayoutResumptionInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => ID)
  payoutId: string;
}

@InputType('StepUpApprovalInput')
export class StepUpApprovalInput {
  @Field(() => ID)
  approvalId: string;

  @Field(() => String, { description: 'The digest of the request, as its Approval shows it.' })
  digest: string;
}

@InputType('RequestStepUpInput')
export class RequestStepUpInput {
  @Field(() => StepUpPurposeEnum)
  purpose: StepUpPurposeEnum;

  @Field(() => StepUpPaymentInput, { nullable: true, description: 'With PAY_MERCHANT: what payMerchant will be given.' })
  payment?: StepUpPaymentInput | null;

  @Field(() => StepUpTransferInput, { nullable: true, description: 'With SEND_MONEY: what sendMoney will be given.' })
  transfer?: StepUpTransferInput | null;

  @Field(() => StepUpWithdrawalInput, { nullable: true, description: 'With WITHDRAW: what withdraw will be given.' })
  withdrawal?: StepUpWithdrawalInput | null;

  @Field(() => StepUpPayoutAccountInput, { nullable: true, description: 'With SET_PAYOUT_ACCOUNT: what setPayoutAccount will be given.' })
  payoutAccount?: StepUpPayoutAccountInput | null;

  @Field(() => StepUpPayoutResumptionInput, { nullable: true, description: 'With RESUME_PAYOUTS: what resumePayouts will be given.' })
  payoutResumption?: StepUpPayoutResumptionInput | null;

  @Field(() => StepUpApprovalInput, { nullable: true, description: 'With APPROVE_REQUEST: what approveRequest will be given.' })
  approval?: StepUpApprovalInput | null;
}

@InputType('ApproveStepUpInput')
export class ApproveStepUpInput {
  @Field(() => ID)
  stepUpId: string;

  @Field(() => String, { description: 'A code of the authenticator app, or a recovery code.' })
  code: string;
}
