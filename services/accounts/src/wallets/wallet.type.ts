import { CurrencyCodeScalar, MoneyType, UserErrorType } from '@tael/graphql';
import { Directive, Field, ID, ObjectType } from 'type-graphql';

@ObjectType('WalletBalance', {
  description:
    'available = what can be spent now; posted = what is booked; pending = held for authorisations. ' +
    'available = posted - pending.',
})
export class WalletBalanceType {
  @Field(() => MoneyType)
  available: MoneyType;

  @Field(() => MoneyType)
  posted: MoneyType;

  @Field(() => MoneyType)
  pending: MoneyType;
}

@ObjectType('Wallet')
@Directive('@key(fields: "id")')
export class WalletType {
  @Field(() => ID)
  id: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;
}

@ObjectType('OpenWalletPayload')
export class OpenWalletPayload {
  @Field(() => WalletType, { nullable: true })
  wallet?: WalletType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
