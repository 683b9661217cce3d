import { connectionTypes, CurrencyCodeScalar, UserErrorType } from '@tael/graphql';
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';

export enum MerchantStatusType {
  PENDING = 'PENDING',
  ACTIVE = 'ACTIVE',
  SUSPENDED = 'SUSPENDED',
}

registerEnumType(MerchantStatusType, {
  name: 'MerchantStatus',
  description: 'PENDING: registered, waits for an operator. ACTIVE: can be paid. SUSPENDED: cannot be paid at present.',
});

@ObjectType('Merchant', {
  description:
    'A business that can be paid. Everybody who is signed in sees ACTIVE merchants; the others are seen by their own people ' +
    'and by operators, and do not exist for anybody else.',
})
@Directive('@key(fields: "id")')
export class MerchantType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  name: string;

  @Field(() => String, { description: 'ISO 18245 merchant category code, four digits.' })
  categoryCode: string;

  @Field(() => String, { description: 'What the category code stands for, in English.' })
  category: string;

  @Field(() => CurrencyCodeScalar, { description: 'The currency that the merchant is paid and settled in.' })
  currency: string;

  @Field(() => MerchantStatusType)
  status: keyof typeof MerchantStatusType;
}

export const { Connection: MerchantConnection, Edge: MerchantEdge } = connectionTypes('Merchant', () => MerchantType);

@ObjectType()
export class RegisterMerchantPayload {
  @Field(() => MerchantType, { nullable: true })
  merchant?: MerchantType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class ActivateMerchantPayload {
  @Field(() => MerchantType, { nullable: true })
  merchant?: MerchantType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class SuspendMerchantPayload {
  @Field(() => MerchantType, { nullable: true })
  merchant?: MerchantType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
