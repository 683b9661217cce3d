import { connectionTypes, CurrencyCodeScalar, UserErrorType } from '@tael/graphql';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { APPLICATION_STATUSES, type ApplicationStatus } from './application.domain';
import { DOCUMENT_KINDS, type DocumentKind } from './document.domain';

const named = <Name extends string>(names: readonly Name[]) => Object.fromEntries(names.map((name) => [name, name])) as Record<Name, Name>;

export const ApplicationStatusEnum = named(APPLICATION_STATUSES);
export const DocumentKindEnum = named(DOCUMENT_KINDS);
export const VerificationEnum = named(['UNVERIFIED', 'IN_REVIEW', 'VERIFIED']);

registerEnumType(ApplicationStatusEnum, {
  name: 'MerchantApplicationStatus',
  description:
    'DRAFT and NEEDS_MORE: the applicant works on it. SUBMITTED: waits for an operator. IN_REVIEW: one has taken it. APPROVED, ' +
    'REJECTED, WITHDRAWN: at its end.',
});
registerEnumType(DocumentKindEnum, {
  name: 'MerchantDocumentKind',
  description: 'Of REGISTRATION, OWNER_IDENTITY and BANK_PROOF each application needs one at least.',
});
registerEnumType(VerificationEnum, {
  name: 'MerchantVerification',
  description: 'VERIFIED: an operator has approved the documents of the business. IN_REVIEW: an application for it waits or is looked at.',
});

@ObjectType('BusinessOwner', { description: 'A person who owns a part of a business.' })
export class BusinessOwnerType {
  @Field(() => String)
  name: string;

  @Field(() => Int, { description: 'In whole percent.' })
  share: number;
}

@ObjectType('BusinessDetails', { description: 'What an applicant says of the business.' })
export class BusinessDetailsType {
  @Field(() => String)
  legalName: string;

  @Field(() => String, { description: 'What payers will see.' })
  tradingName: string;

  @Field(() => String, { description: 'ISO 18245 merchant category code, four digits.' })
  categoryCode: string;

  @Field(() => String, { description: 'ISO 3166-1, two letters.' })
  country: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => String)
  registrationNumber: string;

  @Field(() => [BusinessOwnerType])
  owners: readonly BusinessOwnerType[];
}

@ObjectType('MerchantDocument', { description: 'A file that goes with an application. Its content is for the applicant and operators.' })
export class MerchantDocumentType {
  @Field(() => ID)
  id: string;

  @Field(() => DocumentKindEnum)
  kind: DocumentKind;

  @Field(() => Int, { description: 'In bytes.' })
  size: number;

  @Field(() => String, { description: 'SHA-256 of the whole, in hexadecimal.' })
  sha256: string;

  @Field(() => String, { nullable: true, description: 'What it is by how it begins: application/pdf, image/png or image/jpeg. Null before the first chunk.' })
  mediaType: string | null;

  @Field(() => Int, { description: 'The chunk that is due: chunkCount where all are here.' })
  nextChunk: number;

  @Field(() => Int, { description: 'Chunks are of 131,072 bytes, the last of what is left.' })
  chunkCount: number;

  @Field(() => Boolean, { description: 'Whether all of it is here, and its sum is right.' })
  stored: boolean;

  @Field(() => String, { nullable: true, description: 'Why the reviewer wants another in its place.' })
  message: string | null;
}

@ObjectType('MerchantApplication', { description: 'A wish that a business may be paid, and paid out. For its applicant and operators.' })
export class MerchantApplicationType {
  @Field(() => ID)
  id: string;

  @Field(() => ID)
  applicantId: string;

  @Field(() => ID, { nullable: true, description: 'The merchant that is to be verified, or that an approval made.' })
  merchantId: string | null;

  @Field(() => ApplicationStatusEnum)
  status: ApplicationStatus;

  @Field(() => BusinessDetailsType, { nullable: true, description: 'Null once it was erased.' })
  business: BusinessDetailsType | null;

  @Field(() => String, { nullable: true, description: 'What the reviewer tells the applicant.' })
  message: string | null;

  @Field(() => Date)
  createdAt: Date;

  @Field(() => Date, { nullable: true })
  submittedAt: Date | null;

  @Field(() => Date, { nullable: true })
  decidedAt: Date | null;
}

export const { Connection: MerchantApplicationConnection, Edge: MerchantApplicationEdge } = connectionTypes(
  'MerchantApplication', () => MerchantApplicationType,
);

@ObjectType()
export class MerchantApplicationPayload {
  @Field(() => MerchantApplicationType, { nullable: true })
  application?: MerchantApplicationType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class MerchantDocumentPayload {
  @Field(() => MerchantDocumentType, { nullable: true })
  document?: MerchantDocumentType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
