import { type ConnectionOf, PageArgs, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root } from 'type-graphql';
import { AuditRecordConnection, type AuditRecordType } from '../audit/audit-record.type';
import { auditConnection } from '../audit/audit-record.view';
import { callerOf, viewerOf } from '../callers';
import { toPayload } from '../disputes/dispute.resolver';
import { DisputePayload, DisputeType } from '../disputes/dispute.type';
import { uuidOf } from '../ids.domain';
import type { AccountsContext } from '../loaders';
import type { Outcome } from '../outcomes/outcome.domain';
import type { DisputeDocument } from './dispute-document.rows.service';
import type { DisputeDocumentService } from './dispute-document.service';
import {
  AddDisputeDocumentChunkInput, AddDisputeDocumentInput, DisputeDocumentPayload, DisputeDocumentType, WithdrawDisputeDocumentInput,
} from './dispute-document.type';

function toDocumentPayload(context: AccountsContext, answer: Outcome<{ document: DisputeDocument }>): DisputeDocumentPayload {
  return answer.ok ? { document: answer.document, userErrors: [] } : { userErrors: toUserErrors(answer.refusals, context.identity.locale) };
}

/** Documents as evidence, chunk by chunk. */
@Resolver(() => DisputeDocumentType)
export class DisputeDocumentResolver {
  constructor(private readonly documents: DisputeDocumentService) {}

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'A chunk of the content as base64, from 0 on. For the payer, the merchant\'s owners and managers, and operators, whose reading is written into the ' +
      'trail; null for everybody else, where there is none, before all is here, and once it was removed (contentRemovedAt).',
  })
  async content(
    @Root() document: DisputeDocumentType, @Arg('chunk', () => Int) chunk: number, @Ctx() context: AccountsContext,
  ): Promise<string | null> {
    const viewer = viewerOf(context.identity);
    return viewer ? this.documents.reader.content(document.id, chunk, viewer) : null;
  }

  @Mutation(() => DisputeDocumentPayload, {
    description:
      'For the payer and the merchant\'s owners and managers, before the dispute\'s respondBy and its end: announces a document; the same again is the same ' +
      'document. Then send its chunks, within a day. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, LIMIT_EXCEEDED (five a side, a hundred a person and day).',
  })
  async addDisputeDocument(
    @Arg('input', () => AddDisputeDocumentInput) input: AddDisputeDocumentInput, @Ctx() context: AccountsContext,
  ): Promise<DisputeDocumentPayload> {
    return toDocumentPayload(context, await this.documents.announce(callerOf(context), input));
  }

  @Mutation(() => DisputeDocumentPayload, {
    description:
      'Sends the next chunk of a document. By the first it must be PDF, PNG or JPEG; with the last its sum must be right. ' +
      'Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async addDisputeDocumentChunk(
    @Arg('input', () => AddDisputeDocumentChunkInput) input: AddDisputeDocumentChunkInput, @Ctx() context: AccountsContext,
  ): Promise<DisputeDocumentPayload> {
    return toDocumentPayload(context, await this.documents.addChunk(callerOf(context), input));
  }

  @Mutation(() => DisputePayload, {
    description: 'For the side that handed it in, before the dispute\'s respondBy and its end: withdraws a document, which is erased. Again, also later, is answered as the first time. Refusals: NOT_FOUND, NOT_ALLOWED.',
  })
  async withdrawDisputeDocument(
    @Arg('input', () => WithdrawDisputeDocumentInput) { documentId }: WithdrawDisputeDocumentInput, @Ctx() context: AccountsContext,
  ): Promise<DisputePayload> {
    return toPayload(context, await this.documents.withdraw(callerOf(context), documentId));
  }
}

/** What a dispute shows of its evidence. */
@Resolver(() => DisputeType)
export class DisputeEvidenceResolver {
  constructor(private readonly documents: DisputeDocumentService) {}

  @FieldResolver(() => [DisputeDocumentType], {
    name: 'documents', description: 'Evidence of both sides, in the order in which it was announced; with an id that document alone, so that nobody reads more than they look at.',
  })
  async ofDispute(
    @Root() { id }: DisputeType, @Arg('id', () => ID, { nullable: true }) documentId: string | null, @Ctx() context: AccountsContext,
  ): Promise<readonly DisputeDocumentType[]> {
    const documents = await context.loaders.disputeDocuments.load(id);
    return documentId === null || documentId === undefined ? documents : documents.filter((document) => document.id === uuidOf(documentId));
  }

  @FieldResolver(() => AuditRecordConnection, {
    nullable: true, description: 'How an operator decided it, and which documents came, were withdrawn and were read by operators, the newest first. For operators; null for everybody else.',
  })
  async auditTrail(
    @Root() { id }: DisputeType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<AuditRecordType> | null> {
    return viewerOf(context.identity)?.operator ? auditConnection(args, (page) => this.documents.reader.trail(id, page)) : null;
  }
}
