import { DateTime, UserErrorType } from '@tael/graphql';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DISPUTE_SIDES, type DisputeSide, EVIDENCE_KINDS, type EvidenceKind } from './dispute-document.domain';

const named = <Name extends string>(names: readonly Name[]) => Object.fromEntries(names.map((name) => [name, name])) as Record<Name, Name>;

export const EvidenceKindEnum = named(EVIDENCE_KINDS);
export const DisputeSideEnum = named(DISPUTE_SIDES);

registerEnumType(EvidenceKindEnum, { name: 'EvidenceKind', description: 'What a document of a dispute is to show, as who hands it in says.' });
registerEnumType(DisputeSideEnum, { name: 'DisputeSide', description: 'PERSON: the payer. MERCHANT: its owners and managers.' });

@ObjectType('DisputeDocument', {
  description: 'A file that a side of a dispute hands in as evidence. Whoever sees the dispute sees it once all of it is here; before that, its side alone.',
})
export class DisputeDocumentType {
  @Field(() => ID)
  id: string;

  @Field(() => DisputeSideEnum, { description: 'Who handed it in.' })
  side: DisputeSide;

  @Field(() => EvidenceKindEnum)
  kind: EvidenceKind;

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

  @Field(() => Boolean, { description: 'Whether all of it is here, and its sum is right. What is not within a day is erased.' })
  stored: boolean;

  @Field(() => DateTime)
  createdAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'When what is in it was removed: 540 days after the end of its dispute. From then on content is null for everybody.' })
  contentRemovedAt: Date | null;
}

@ObjectType()
export class DisputeDocumentPayload {
  @Field(() => DisputeDocumentType, { nullable: true })
  document?: DisputeDocumentType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@InputType()
export class AddDisputeDocumentInput {
  @Field(() => ID)
  disputeId: string;

  @Field(() => EvidenceKindEnum)
  kind: EvidenceKind;

  @Field(() => Int, { description: 'In bytes, 5,242,880 at most.' })
  size: number;

  @Field(() => String, { description: 'SHA-256 of the whole, in hexadecimal.' })
  sha256: string;
}

@InputType()
export class AddDisputeDocumentChunkInput {
  @Field(() => ID)
  documentId: string;

  @Field(() => Int, { description: '0 for the first; nextChunk says which is due. One that was taken is passed over.' })
  number: number;

  @Field(() => String, { description: '131,072 bytes as base64 (RFC 4648); of the last chunk what is left.' })
  content: string;
}

@InputType()
export class WithdrawDisputeDocumentInput {
  @Field(() => ID)
  documentId: string;
}
