import { UserErrorType } from '@tael/graphql';
import { Field, ObjectType } from 'type-graphql';
import { TransactionType } from '../transactions/transaction.type';
import { WalletType } from '../wallets/wallet.type';

@ObjectType('WithdrawPayload')
export class WithdrawPayload {
  @Field(() => TransactionType, {
    nullable: true,
    description: 'PENDING until the bank says how it ended; where it fails, amount and fee are in the wallet again.',
  })
  transaction?: TransactionType | undefined;

  @Field(() => WalletType, { nullable: true })
  wallet?: WalletType | null | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
