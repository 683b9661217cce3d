import { connectionTypes, ForPartners, UserErrorType } from '@tael/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';

@ObjectType('PartnerDocument', { description: 'A document that a bank may run in production.' })
@ForPartners()
export class PartnerDocumentType {
  @Field(() => ID, { description: 'The documentId of requests: `sha256:` and the sum of the text in hex.' })
  id: string;

  @Field(() => String)
  text: string;

  @Field(() => Date)
  publishedAt: Date;
}

export const { Connection: PartnerDocumentConnection, Edge: PartnerDocumentEdge } = connectionTypes('PartnerDocument', () => PartnerDocumentType);
for (const type of [PartnerDocumentConnection, PartnerDocumentEdge]) ForPartners()(type);

@InputType()
@ForPartners()
export class PublishDocumentsInput {
  @Field(() => [String], { description: 'Ten at once at most, each of 16 KiB at most in UTF-8. Whoever calls names them by the sums of these very bytes.' })
  documents: string[];
}

@ObjectType()
@ForPartners()
export class PublishDocumentsPayload {
  @Field(() => [PartnerDocumentType], { nullable: true, description: 'In the order in which they were given, each once.' })
  documents?: readonly PartnerDocumentType[] | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@InputType()
@ForPartners()
export class WithdrawDocumentsInput {
  @Field(() => [String], { description: 'The ids (`sha256:` and the sum in hex), a hundred at once at most.' })
  documents: string[];

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;
}

@ObjectType()
@ForPartners()
export class WithdrawDocumentsPayload {
  @Field(() => [String], { nullable: true, description: 'Those that were there.' })
  withdrawn?: readonly string[] | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@InputType()
export class WithdrawPartnerDocumentsInput {
  @Field(() => ID)
  partnerId: string;

  @Field(() => [String], { description: 'The ids (`sha256:` and the sum in hex), a hundred at once at most.' })
  documents: string[];

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;
}
