import { UserErrorType } from '@tael/graphql';
import { Field, ObjectType } from 'type-graphql';
import { TransactionType } from '../transactions/transaction.type';
import { WalletType } from '../wallets/wallet.type';

@ObjectType('TopUpPayload')
export class TopUpPayload {
  @Field(() => TransactionType, {
    nullable: true,
    description: 'FAILED where the card was declined; PENDING while the card processor gives no clear answer.',
  })
  transaction?: TransactionType | undefined;

  @Field(() => WalletType, { nullable: true })
  wallet?: WalletType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
