import { PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID, InputType } from 'type-graphql';

@ArgsType()
export class WalletFreezesArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: 'Of this wallet alone, and lifted ones too; without it those of all wallets that stand.' })
  walletId?: string | null;
}

@InputType()
export class FreezeWalletInput {
  @Field(() => ID)
  walletId: string;

  @Field(() => String, { description: 'Why, for operators and the audit trail: 1 to 500 characters, no personal data. Its person does not see it.' })
  reason: string;
}

@InputType()
export class UnfreezeWalletInput {
  @Field(() => ID, { description: 'The freeze that is lifted, as it was read: a newer one of the same wallet stays.' })
  freezeId: string;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;
}
