import { UserErrorType } from '@tael/graphql';
import { Field, ObjectType } from 'type-graphql';
import { TransactionType } from '../transactions/transaction.type';
import { WalletType } from '../wallets/wallet.type';

@ObjectType('TopUpPayload')
export class TopUpPayload {
  @Field(() => TransactionType, {
    nullable: true,
    description: 'FAILED where the card was declined or the bank refused; PENDING while processor or bank have not said how it ended.',
  })
  transaction?: TransactionType | undefined;

  @Field(() => WalletType, { nullable: true })
  wallet?: WalletType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
