import { UserErrorType } from '@tael/graphql';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { OPERATORS_REASON } from '../audit/audit-entry.type';
import { MerchantType } from '../merchants/merchant.type';

export enum MerchantRoleType {
  OWNER = 'OWNER',
  MANAGER = 'MANAGER',
  CASHIER = 'CASHIER',
}

registerEnumType(MerchantRoleType, {
  name: 'MerchantRole',
  description:
    'OWNER: everything. MANAGER: stores, codes and refunds, but not people. CASHIER: codes, and refunds up to a limit.',
});

@ObjectType('MerchantPerson', { description: 'Somebody who acts for a merchant.' })
export class MerchantPersonType {
  @Field(() => ID)
  personId: string;

  @Field(() => MerchantRoleType)
  role: keyof typeof MerchantRoleType;
}

@ObjectType('MerchantInvitation', { description: 'A code that one person can join a merchant with.' })
export class MerchantInvitationType {
  @Field(() => String, { description: 'Shown this once.' })
  code: string;

  @Field(() => MerchantRoleType)
  role: keyof typeof MerchantRoleType;

  @Field(() => Date)
  expiresAt: Date;
}

@ObjectType()
export class InviteMerchantPersonPayload {
  @Field(() => MerchantInvitationType, { nullable: true })
  invitation?: MerchantInvitationType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class JoinMerchantPayload {
  @Field(() => MerchantType, { nullable: true })
  merchant?: MerchantType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class RemoveMerchantPersonPayload {
  @Field(() => MerchantType, { nullable: true })
  merchant?: MerchantType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class ChangeMerchantRolePayload {
  @Field(() => MerchantType, { nullable: true })
  merchant?: MerchantType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@InputType()
export class InviteMerchantPersonInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => MerchantRoleType)
  role: keyof typeof MerchantRoleType;

  @Field(() => String, { nullable: true, description: OPERATORS_REASON })
  reason?: string | null | undefined;
}

@InputType()
export class JoinMerchantInput {
  @Field(() => String, { description: 'The code of the invitation; letter case, spaces and hyphens do not matter.' })
  code: string;
}

@InputType()
export class RemoveMerchantPersonInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => ID)
  personId: string;

  @Field(() => String, { nullable: true, description: OPERATORS_REASON })
  reason?: string | null | undefined;
}

@InputType()
export class ChangeMerchantRoleInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => ID)
  personId: string;

  @Field(() => MerchantRoleType)
  role: keyof typeof MerchantRoleType;

  @Field(() => String, { nullable: true, description: OPERATORS_REASON })
  reason?: string | null | undefined;
}
