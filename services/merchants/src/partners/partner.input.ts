import { ForPartners } from '@tael/graphql';
import { Field, ID, InputType, Int } from 'type-graphql';
import { PartnerEnvironmentType } from './partner.type';

const REASON = { description: 'Why, for the audit trail: 1 to 500 characters, and nothing personal.' };

@InputType()
export class InvitePartnerInput {
  @Field(() => String, { description: '1 to 120 characters.' })
  name: string;

  @Field(() => PartnerEnvironmentType)
  environment: keyof typeof PartnerEnvironmentType;

  @Field(() => [String], {
    description:
      'What its first client may ask tokens for: partner:read, keys:manage, webhooks:manage, documents:publish, history:import, statements:read, ' +
      'subgraph:publish; of people who consent: wallets:read, transactions:read.',
  })
  scopes: string[];

  @Field(() => String, REASON)
  reason: string;
}

@InputType()
export class RenewPartnerInvitationInput {
  @Field(() => ID)
  partnerId: string;

  @Field(() => [String], { nullable: true, description: 'Those of the last invitation where left out.' })
  scopes?: string[] | null | undefined;

  @Field(() => String, REASON)
  reason: string;
}

@InputType()
export class SuspendPartnerInput {
  @Field(() => ID)
  partnerId: string;

  @Field(() => String, REASON)
  reason: string;
}

@InputType()
export class ResumePartnerInput {
  @Field(() => ID)
  partnerId: string;

  @Field(() => String, REASON)
  reason: string;
}

@InputType()
export class SetPartnerRateInput {
  @Field(() => ID)
  partnerId: string;

  @Field(() => Int, { description: 'Units of cost a second: 1 to 10,000.' })
  perSecond: number;

  @Field(() => Int, { description: 'Units at once after a rest: from `perSecond` to 1,000,000.' })
  burst: number;

  @Field(() => Int, {
    nullable: true,
    description: 'What one operation may cost: 100 to 100,000, or null for as much as everybody may. Left out, it stays as it is.',
  })
  costMax?: number | null | undefined;

  @Field(() => String, REASON)
  reason: string;
}

@InputType()
export class RevokePartnerKeyInput {
  @Field(() => ID)
  partnerId: string;

  @Field(() => ID)
  clientId: string;

  @Field(() => String, { description: 'The name of the key, as its JWK has it.' })
  kid: string;

  @Field(() => String, REASON)
  reason: string;
}

@InputType({ description: 'Exactly one of `jwks` and `certificate`, public halves only.' })
export class RegisterPartnerClientInput {
  @Field(() => String, { description: 'The code that the bank was given.' })
  invitation: string;

  @Field(() => String, {
    nullable: true,
    description: 'A JSON Web Key Set as text: one to five keys, EC P-256 or RSA of 2048 bits or more.',
  })
  jwks?: string | null | undefined;

  @Field(() => String, {
    nullable: true,
    description: 'An X.509 certificate in PEM, whoever issued it, with a key of the same kinds.',
  })
  certificate?: string | null | undefined;

  @Field(() => [String], {
    description:
      'By each key a compact JWS (ES256 or PS256) of type tael-partner-registration+jwt, not older than five minutes: aud ' +
      'urn:tael:partner-registration, iat, and invitation: the SHA-256 of the code in base64url.',
  })
  proof: string[];
}

@InputType({ description: 'Exactly one of `jwk` and `certificate`, as the client signs in, public halves only.' })
@ForPartners()
export class AddPartnerKeyInput {
  @Field(() => String, { nullable: true, description: 'A JSON Web Key as text.' })
  jwk?: string | null | undefined;

  @Field(() => String, { nullable: true, description: 'An X.509 certificate in PEM.' })
  certificate?: string | null | undefined;

  @Field(() => String, {
    description:
      'By the new key a compact JWS (ES256 or PS256) of type tael-partner-key+jwt, not older than five minutes: aud ' +
      'urn:tael:partner-key, iat, and client_id.',
  })
  proof: string;
}

@InputType()
@ForPartners()
export class RetirePartnerKeyInput {
  @Field(() => String, { description: 'The name of the key, as its JWK has it.' })
  kid: string;

  @Field(() => String, REASON)
  reason: string;
}

@InputType()
@ForPartners()
export class SetRedirectUrisInput {
  @Field(() => [String], {
    description:
      'All of them, up to ten; none takes them all away. Each https and written as a browser writes it, without fragment; in the ' +
      'sandbox also http on localhost.',
  })
  uris: string[];

  @Field(() => String, REASON)
  reason: string;
}
