import { PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID } from 'type-graphql';
import { TransactionKindEnum } from './transaction.type';

@ArgsType()
export class TransactionsArgs extends PageArgs {
  @Field(() => ID, { nullable: true })
  walletId?: string | null;

  @Field(() => [TransactionKindEnum], { nullable: true })
  kinds?: string[] | null;
}
