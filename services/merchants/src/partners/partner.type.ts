import { connectionTypes, ForPartners, showToPartners } from '@tael/graphql';
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum PartnerStatusType {
  ACTIVE = 'ACTIVE',
  SUSPENDED = 'SUSPENDED',
}

export enum PartnerEnvironmentType {
  SANDBOX = 'SANDBOX',
  PRODUCTION = 'PRODUCTION',
}

export enum PartnerAuthenticationType {
  PRIVATE_KEY_JWT = 'private_key_jwt',
  SELF_SIGNED_TLS_CLIENT_AUTH = 'self_signed_tls_client_auth',
}

export enum PartnerKeyStatusType {
  ACTIVE = 'ACTIVE',
  REVOKED = 'REVOKED',
}

registerEnumType(PartnerStatusType, {
  name: 'PartnerStatus',
  description: 'SUSPENDED: nothing of the partner is let in.',
});
registerEnumType(PartnerEnvironmentType, { name: 'PartnerEnvironment' });
registerEnumType(PartnerKeyStatusType, {
  name: 'PartnerKeyStatus',
  description: 'Of a client or a key. What is revoked does not come back.',
});
registerEnumType(PartnerAuthenticationType, {
  name: 'PartnerAuthentication',
  description:
    'How a client signs in: with an assertion by its key (RFC 7523), or with a certificate of its own (RFC 8705).',
});
showToPartners('PartnerStatus', 'PartnerEnvironment', 'PartnerKeyStatus', 'PartnerAuthentication');

@ObjectType('PartnerRate', {
  description: 'Units of cost a second that the door may be asked for, at once after a rest, and for one operation.',
})
@ForPartners()
export class PartnerRateType {
  @Field(() => Int)
  perSecond: number;

  @Field(() => Int)
  burst: number;

  @Field(() => Int, { nullable: true, description: 'The greatest cost of one operation; null for as much as everybody may.' })
  costMax: number | null;
}

@ObjectType('PartnerKey', { description: 'The public half of a key of a client.' })
@ForPartners()
export class PartnerKeyType {
  @Field(() => String, {
    description: 'The name by which assertions name it; of a certificate, its SHA-256 in base64url.',
  })
  kid: string;

  @Field(() => String, { description: 'SHA-256 of the public key as RFC 7638 writes it, base64url.' })
  thumbprint: string;

  @Field(() => PartnerKeyStatusType)
  status: keyof typeof PartnerKeyStatusType;

  @Field(() => Date)
  addedAt: Date;

  @Field(() => Date, { nullable: true })
  revokedAt?: Date | null | undefined;

  @Field(() => Date, { nullable: true, description: 'When it ends by itself: `exp` of the JWK, or the end of the certificate. Null where it does not say.' })
  expiresAt?: Date | null | undefined;
}

@ObjectType('PartnerClient', { description: 'A program of a partner bank that signs in with keys of its own.' })
@ForPartners()
export class PartnerClientType {
  @Field(() => ID, { description: 'The `client_id` of the token endpoint.' })
  id: string;

  @Field(() => PartnerAuthenticationType)
  authentication: `${PartnerAuthenticationType}`;

  @Field(() => PartnerKeyStatusType)
  status: keyof typeof PartnerKeyStatusType;

  @Field(() => [String], { description: 'What its tokens may be asked for, such as partner:read.' })
  scopes: readonly string[];

  @Field(() => [String], { description: 'Where people may be sent back to with the answer to a consent.' })
  redirectUris: readonly string[];

  @Field(() => Date)
  createdAt: Date;

  @Field(() => Date, { nullable: true, description: 'When a key was revoked or the partner suspended last. Tokens of before are refused: of a key those that were got with it, else all.' })
  tokensRefusedUntil?: Date | null | undefined;

  @Field(() => [PartnerKeyType])
  keys: readonly PartnerKeyType[];
}

// Marked field by field: what operators see beside is not there for a bank.
@ObjectType('Partner', {
  description:
    'A bank that uses Tael. It is seen by its own clients and by operators, and does not exist for anybody else.',
})
@Directive('@key(fields: "id")')
export class PartnerType {
  @ForPartners()
  @Field(() => ID)
  id: string;

  @ForPartners()
  @Field(() => String)
  name: string;

  @ForPartners()
  @Field(() => PartnerEnvironmentType)
  environment: keyof typeof PartnerEnvironmentType;

  @ForPartners()
  @Field(() => PartnerStatusType)
  status: keyof typeof PartnerStatusType;

  @ForPartners()
  @Field(() => PartnerRateType)
  rate: PartnerRateType;

  @ForPartners()
  @Field(() => Date)
  createdAt: Date;

  @ForPartners()
  @Field(() => [PartnerClientType])
  clients: readonly PartnerClientType[];
}

export const { Connection: PartnerConnection, Edge: PartnerEdge } = connectionTypes('Partner', () => PartnerType);

@ObjectType('PartnerInvitation', { description: 'The right to register one client, once.' })
export class PartnerInvitationType {
  @Field(() => String, {
    description: 'Shown here alone: it is not stored. Hand it to the bank on a way that you trust.',
  })
  code: string;

  @Field(() => Date)
  expiresAt: Date;
}
