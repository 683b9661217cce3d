import { UserErrorType } from '@tael/graphql';
import { Field, ObjectType } from 'type-graphql';
import { TransactionType } from '../transactions/transaction.type';
import { WalletType } from '../wallets/wallet.type';

@ObjectType()
export class PayByQrPayload {
  @Field(() => TransactionType, { nullable: true })
  transaction?: TransactionType | undefined;

  @Field(() => WalletType, { nullable: true })
  wallet?: WalletType | null | undefined | Promise<WalletType | null>;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class PayMerchantPayload {
  @Field(() => TransactionType, { nullable: true })
  transaction?: TransactionType | undefined;

  @Field(() => WalletType, { nullable: true })
  wallet?: WalletType | null | undefined | Promise<WalletType | null>;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
