import { connectionTypes, CurrencyCodeScalar, DateTime, UserErrorType } from '@tael/graphql';
import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType('WalletFreeze', { description: 'A time for which nothing leaves, or left, a wallet at its person\'s wish. For operators.' })
export class WalletFreezeType {
  @Field(() => ID)
  id: string;

  @Field(() => ID)
  walletId: string;

  @Field(() => ID, { description: 'Whose wallet it is.' })
  personId: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => [ID], { description: 'The other wallets of the same person, frozen or not: each is frozen by itself.' })
  otherWalletIds: readonly string[];

  @Field(() => DateTime)
  frozenAt: Date;

  @Field(() => ID, { description: 'The operator.' })
  frozenBy: string;

  @Field(() => String)
  reason: string;

  @Field(() => DateTime, { nullable: true, description: 'Null while it stands.' })
  liftedAt: Date | null;

  @Field(() => ID, { nullable: true, description: 'The operator who lifted it; why stands in the audit trail.' })
  liftedBy: string | null;
}

export const { Connection: WalletFreezeConnection } = connectionTypes<WalletFreezeType>('WalletFreeze', () => WalletFreezeType);

@ObjectType('FreezeWalletPayload')
export class FreezeWalletPayload {
  @Field(() => WalletFreezeType, { nullable: true })
  freeze?: WalletFreezeType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType('UnfreezeWalletPayload')
export class UnfreezeWalletPayload {
  @Field(() => WalletFreezeType, { nullable: true })
  freeze?: WalletFreezeType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
