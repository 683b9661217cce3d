import { ForPartners, UserErrorType } from '@tael/graphql';
import { Field, ID, ObjectType } from 'type-graphql';
import { PartnerClientType, PartnerInvitationType, PartnerType } from './partner.type';

@ObjectType()
export class InvitePartnerPayload {
  @Field(() => PartnerType, { nullable: true })
  partner?: PartnerType | undefined;

  @Field(() => PartnerInvitationType, { nullable: true })
  invitation?: PartnerInvitationType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class RenewPartnerInvitationPayload {
  @Field(() => PartnerType, { nullable: true })
  partner?: PartnerType | undefined;

  @Field(() => PartnerInvitationType, { nullable: true })
  invitation?: PartnerInvitationType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class SuspendPartnerPayload {
  @Field(() => PartnerType, { nullable: true })
  partner?: PartnerType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class ResumePartnerPayload {
  @Field(() => PartnerType, { nullable: true })
  partner?: PartnerType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class SetPartnerRatePayload {
  @Field(() => PartnerType, { nullable: true })
  partner?: PartnerType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class RevokePartnerKeyPayload {
  @Field(() => PartnerType, { nullable: true })
  partner?: PartnerType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class RegisterPartnerClientPayload {
  @Field(() => ID, { nullable: true })
  partnerId?: string | undefined;

  @Field(() => PartnerClientType, { nullable: true })
  client?: PartnerClientType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
@ForPartners()
export class AddPartnerKeyPayload {
  @Field(() => PartnerType, { nullable: true })
  partner?: PartnerType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
@ForPartners()
export class RetirePartnerKeyPayload {
  @Field(() => PartnerType, { nullable: true })
  partner?: PartnerType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
@ForPartners()
export class SetRedirectUrisPayload {
  @Field(() => PartnerType, { nullable: true })
  partner?: PartnerType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
