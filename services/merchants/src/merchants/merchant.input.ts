import { CurrencyCodeScalar, PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID, InputType } from 'type-graphql';

@InputType()
export class RegisterMerchantInput {
  @Field(() => String, { description: '1 to 120 characters.' })
  name: string;

  @Field(() => String, { description: 'ISO 18245 merchant category code, four digits.' })
  categoryCode: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;
}

const REASON = 'Why, for the audit trail: 1 to 500 characters, and nothing personal.';

@InputType()
export class ActivateMerchantInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => String, { nullable: true, description: `${REASON} A merchant that was suspended is not let back in without one.` })
  reason?: string | null | undefined;
}

@InputType()
export class SuspendMerchantInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => String, { description: REASON })
  reason: string;
}

@ArgsType()
export class MerchantsArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'Part of the name, in any case; 120 characters at most.' })
  search?: string | null | undefined;

  @Field(() => String, { nullable: true, description: 'ISO 18245 merchant category code, four digits.' })
  category?: string | null | undefined;
}
