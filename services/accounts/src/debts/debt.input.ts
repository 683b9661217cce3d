import { MoneyInputType, PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { DebtStatusEnum } from './debt.type';

@ArgsType()
export class DebtsArgs extends PageArgs {
  @Field(() => DebtStatusEnum, { nullable: true })
  status?: DebtStatusEnum | null;
}

@InputType()
export class RequestDebtWriteOffInput {
  @Field(() => ID)
  debtId: string;

  @Field(() => MoneyInputType, { description: 'How much of it: at most what is open.' })
  amount: MoneyInputType;

  @Field(() => String, { description: 'Why, for who approves and for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;

  @Field(() => String, { description: 'The same key again is the same request.' })
  idempotencyKey: string;
}
