import { CurrencyCodeScalar, PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID, InputType, Int } from 'type-graphql';
import type { ApplicationStatus } from './application.domain';
import { ApplicationStatusEnum, DocumentKindEnum } from './application.type';
import type { DocumentKind } from './document.domain';

@InputType()
export class BusinessOwnerInput {
  @Field(() => String, { description: '1 to 120 characters.' })
  name: string;

  @Field(() => Int, { description: 'In whole percent, 1 to 100; all together not above 100.' })
  share: number;
}

@InputType()
export class BusinessDetailsInput {
  @Field(() => String, { description: '1 to 120 characters.' })
  legalName: string;

  @Field(() => String, { description: 'What payers will see: 1 to 120 characters.' })
  tradingName: string;

  @Field(() => String, { description: 'ISO 18245 merchant category code, four digits.' })
  categoryCode: string;

  @Field(() => String, { description: 'ISO 3166-1, two letters.' })
  country: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => String, { description: 'As the register writes it: 1 to 50 letters, digits, blanks and . / -' })
  registrationNumber: string;

  @Field(() => [BusinessOwnerInput], { description: 'Who owns the business: 1 to 10 people.' })
  owners: BusinessOwnerInput[];
}

@InputType()
export class BeginMerchantApplicationInput {
  @Field(() => ID, { nullable: true, description: 'A merchant that you own, to have it verified; its name and category stay. Left out: a new one.' })
  merchantId?: string | null | undefined;

  @Field(() => BusinessDetailsInput)
  business: BusinessDetailsInput;
}

@InputType()
export class UpdateMerchantApplicationInput {
  @Field(() => ID)
  applicationId: string;

  @Field(() => BusinessDetailsInput)
  business: BusinessDetailsInput;
}

@InputType()
export class AddMerchantDocumentInput {
  @Field(() => ID)
  applicationId: string;

  @Field(() => DocumentKindEnum)
  kind: DocumentKind;

  @Field(() => Int, { description: 'In bytes, 5,242,880 at most.' })
  size: number;

  @Field(() => String, { description: 'SHA-256 of the whole, in hexadecimal.' })
  sha256: string;
}

@InputType()
export class AddMerchantDocumentChunkInput {
  @Field(() => ID)
  documentId: string;

  @Field(() => Int, { description: '0 for the first; nextChunk says which is due. One that was taken is passed over.' })
  number: number;

  @Field(() => String, { description: '131,072 bytes as base64 (RFC 4648); of the last chunk what is left.' })
  content: string;
}

@InputType()
export class RemoveMerchantDocumentInput {
  @Field(() => ID)
  documentId: string;
}

@InputType()
export class MerchantApplicationInput {
  @Field(() => ID)
  applicationId: string;
}

@InputType()
export class WithdrawMerchantApplicationInput {
  @Field(() => ID)
  applicationId: string;
}

@InputType()
export class ReviewMerchantApplicationInput {
  @Field(() => ID)
  applicationId: string;

  @Field(() => String, { description: 'For the audit trail, and nobody else: 1 to 500 characters, nothing personal.' })
  reason: string;
}

@InputType()
export class RejectMerchantApplicationInput extends ReviewMerchantApplicationInput {
  @Field(() => String, { description: 'For the applicant to read: 1 to 1,000 characters.' })
  message: string;
}

@InputType()
export class WantedDocumentInput {
  @Field(() => ID)
  documentId: string;

  @Field(() => String, { description: 'Why another is wanted: 1 to 1,000 characters.' })
  message: string;
}

@InputType()
export class AskMoreOfMerchantInput extends RejectMerchantApplicationInput {
  @Field(() => [WantedDocumentInput], { defaultValue: [], description: 'Documents that must be replaced.' })
  documents: WantedDocumentInput[];
}

@ArgsType()
export class MerchantApplicationsArgs extends PageArgs {
  @Field(() => ApplicationStatusEnum, { nullable: true })
  status?: ApplicationStatus | null | undefined;
}
