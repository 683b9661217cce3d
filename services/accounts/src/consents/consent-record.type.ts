import { connectionTypes, DateTime, PageArgs, UserErrorType } from '@tael/graphql';
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { ConsentStatusEnum } from './consent.type';

enum ConsentEndedByEnum {
  PERSON = 'PERSON',
  CODE_REUSED = 'CODE_REUSED',
  OPERATOR = 'OPERATOR',
}

enum ConsentEndCauseEnum {
  PERSON_REQUEST = 'PERSON_REQUEST',
  BANK_COMPROMISED = 'BANK_COMPROMISED',
  MISUSE = 'MISUSE',
  OTHER = 'OTHER',
}

registerEnumType(ConsentEndedByEnum, { name: 'ConsentEndedBy', description: 'CODE_REUSED: its code came back a second time.' });
registerEnumType(ConsentEndCauseEnum, {
  name: 'ConsentEndCause', description: 'Why an operator ends a consent. PERSON_REQUEST: its person asked for it, and is told so. For all others the person reads that it was for safety.',
});

@ObjectType('ConsentRecord', { description: 'A consent of a person to a bank, with what an operator needs of it. For operators.' })
export class ConsentRecordType {
  @Field(() => ID)
  id: string;

  @Field(() => ID, { description: 'The bank that may see it.' })
  partnerId: string;

  @Field(() => String)
  partnerName: string;

  @Field(() => ID, { description: 'The client of the bank that asked for it.' })
  clientId: string;

  @Field(() => ID)
  personId: string;

  @Field(() => String, { description: 'The first character of each word of the person\'s name, then three stars, for example A*** L***.' })
  personName: string;

  @Field(() => [String], { description: 'What the bank may see: wallets:read, transactions:read.' })
  scopes: readonly string[];

  @Field(() => Int, { description: 'How many wallets it is about.' })
  walletCount: number;

  @Field(() => DateTime)
  givenAt: Date;

  @Field(() => DateTime, { description: 'When it ends by itself.' })
  expiresAt: Date;

  @Field(() => DateTime, { nullable: true })
  withdrawnAt: Date | null;

  @Field(() => ConsentEndedByEnum, { nullable: true, description: 'Null where nobody has ended it before its time.' })
  endedBy: string | null;

  @Field(() => ConsentStatusEnum)
  status: string;
}

export const { Connection: ConsentRecordConnection } = connectionTypes<ConsentRecordType>('ConsentRecord', () => ConsentRecordType);

@ArgsType()
export class ConsentRecordsArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: 'Consents to this bank alone.' })
  partnerId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Consents of this person alone.' })
  personId?: string | null;

  @Field(() => ConsentStatusEnum, { nullable: true })
  status?: ConsentStatusEnum | null;
}

@InputType()
export class EndConsentInput {
  @Field(() => ID)
  consentId: string;

  @Field(() => ConsentEndCauseEnum)
  cause: ConsentEndCauseEnum;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;
}

@ObjectType('EndConsentPayload')
export class EndConsentPayload {
  @Field(() => ConsentRecordType, { nullable: true })
  consent?: ConsentRecordType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
