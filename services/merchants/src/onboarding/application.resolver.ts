import {
  type ConnectionOf, PageArgs, pageOf, principalOf, type SubgraphContext, toConnection, toUserErrors,
} from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { auditTrail } from '../audit/audit.service';
import { toTrail } from '../audit/audit.view';
import { AuditEntryConnection, type AuditEntryType } from '../audit/audit-entry.type';
import { viewerOf } from '../merchants/merchant.resolver';
import { MerchantType } from '../merchants/merchant.type';
import {
  AddMerchantDocumentChunkInput, AddMerchantDocumentInput, BeginMerchantApplicationInput, MerchantApplicationInput, MerchantApplicationsArgs,
  RemoveMerchantDocumentInput, UpdateMerchantApplicationInput, WithdrawMerchantApplicationInput,
} from './application.input';
import type { OnboardingLoaders } from './application.loader';
import { APPLICATION_SUBJECT, type Asking, type Outcome } from './application.store.service';
import {
  MerchantApplicationConnection, MerchantApplicationPayload, MerchantApplicationType, MerchantDocumentPayload, MerchantDocumentType, VerificationEnum,
} from './application.type';
import type { OnboardingServices } from './onboarding.parts';

type Context = SubgraphContext<OnboardingLoaders>;

export const askingOf = (context: Context): Asking => ({ viewer: viewerOf(principalOf(context)), traceparent: context.identity.traceparent });

/** Writes the answer of a step. */
export function toPayload<Done extends object>(outcome: Outcome<Done>, context: Context) {
  if (!outcome.ok) return { userErrors: toUserErrors(outcome.refusals, context.identity.locale) };
  const { ok: _ok, ...done } = outcome;
  return { ...done, userErrors: [] };
}

const isPosition = (position: readonly string[]): boolean => position.length === 1 && isUuid(position[0]);

@Resolver(() => MerchantApplicationType)
export class ApplicationResolver {
  constructor(private readonly services: OnboardingServices) {}

  @Query(() => MerchantApplicationType, { nullable: true, description: 'An application of one\'s own, for operators any; or null.' })
  async merchantApplication(@Arg('id', () => ID) id: string, @Ctx() context: Context): Promise<MerchantApplicationType | null> {
    const { viewer } = askingOf(context);
    const [found] = await this.services.store.find([id]);
    return found && (viewer.isOperator || found.applicantId === viewer.personId) ? found : null;
  }

  @Query(() => MerchantApplicationConnection, { description: 'One\'s own applications, for operators all, in the order in which they were begun.' })
  async merchantApplications(
    @Args(() => MerchantApplicationsArgs) args: MerchantApplicationsArgs, @Ctx() context: Context,
  ): Promise<ConnectionOf<MerchantApplicationType>> {
    const page = pageOf(args, isPosition);
    const rows = await this.services.store.list(
      { status: args.status ?? undefined }, askingOf(context).viewer, { limit: page.limit + 1, after: page.after?.[0] },
    );
    return toConnection(rows, page, { node: (row) => row, position: (row) => [row.id] });
  }

  @FieldResolver(() => [MerchantDocumentType], { description: 'In the order in which they were announced.' })
  async documents(@Root() application: MerchantApplicationType, @Ctx() context: Context): Promise<readonly MerchantDocumentType[]> {
    return context.loaders.documents.load(application.id);
  }

  @FieldResolver(() => AuditEntryConnection, { nullable: true, description: 'Every step, the newest first. For operators; null for everybody else.' })
  async auditTrail(
    @Root() application: MerchantApplicationType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: Context,
  ): Promise<ConnectionOf<AuditEntryType> | null> {
    if (!askingOf(context).viewer.isOperator) return null;
    const page = pageOf(args, isPosition);
    const rows = await auditTrail(
      this.services.store.parts.dataSource, { kind: APPLICATION_SUBJECT, id: application.id }, { limit: page.limit + 1, after: page.after?.[0] },
    );
    return toTrail(rows, page);
  }

  @Mutation(() => MerchantApplicationPayload, {
    description:
      'Begins an application as a draft. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, ALREADY_EXISTS, LIMIT_EXCEEDED (two that are open).',
  })
  async beginMerchantApplication(
    @Arg('input', () => BeginMerchantApplicationInput) { merchantId, business }: BeginMerchantApplicationInput, @Ctx() context: Context,
  ): Promise<MerchantApplicationPayload> {
    return toPayload(await this.services.applications.begin({ merchantId: merchantId ?? undefined, business }, askingOf(context)), context);
  }

  @Mutation(() => MerchantApplicationPayload, {
    description: 'Says anew what the business is: of a draft, and where more was asked for. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async updateMerchantApplication(
    @Arg('input', () => UpdateMerchantApplicationInput) input: UpdateMerchantApplicationInput, @Ctx() context: Context,
  ): Promise<MerchantApplicationPayload> {
    return toPayload(await this.services.applications.update(input, askingOf(context)), context);
  }

  @Mutation(() => MerchantApplicationPayload, {
    description: 'Hands an application in. It needs its documents whole, and those replaced that the reviewer marked. Refusals: NOT_FOUND, NOT_ALLOWED.',
  })
  async submitMerchantApplication(
    @Arg('input', () => MerchantApplicationInput) { applicationId }: MerchantApplicationInput, @Ctx() context: Context,
  ): Promise<MerchantApplicationPayload> {
    return toPayload(await this.services.applications.submit(applicationId, askingOf(context)), context);
  }

  @Mutation(() => MerchantApplicationPayload, {
    description: 'Takes an application back; what was said and sent is erased at once. Refusals: NOT_FOUND, NOT_ALLOWED.',
  })
  async withdrawMerchantApplication(
    @Arg('input', () => WithdrawMerchantApplicationInput) { applicationId }: WithdrawMerchantApplicationInput, @Ctx() context: Context,
  ): Promise<MerchantApplicationPayload> {
    return toPayload(await this.services.applications.withdraw(applicationId, askingOf(context)), context);
  }
}

/** Documents, chunk by chunk. */
@Resolver(() => MerchantDocumentType)
export class DocumentResolver {
  constructor(private readonly services: OnboardingServices) {}

  @FieldResolver(() => String, {
    nullable: true, description: 'A chunk of the content as base64, from 0 on. Null where there is none, and before all is here. That an operator reads it is written into the trail.',
  })
  async content(
    @Root() document: MerchantDocumentType, @Arg('chunk', () => Int) chunk: number, @Ctx() context: Context,
  ): Promise<string | null> {
    return this.services.documents.content(document.id, chunk, askingOf(context).viewer);
  }

  @Mutation(() => MerchantDocumentPayload, {
    description:
      'Announces a document; the same again is the same document. Then send its chunks. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, ' +
      'LIMIT_EXCEEDED (ten an application).',
  })
  async addMerchantDocument(
    @Arg('input', () => AddMerchantDocumentInput) input: AddMerchantDocumentInput, @Ctx() context: Context,
  ): Promise<MerchantDocumentPayload> {
    return toPayload(await this.services.documents.add(input, askingOf(context)), context);
  }

  @Mutation(() => MerchantDocumentPayload, {
    description:
      'Sends the next chunk of a document. By the first it must be PDF, PNG or JPEG; with the last its sum must be right. ' +
      'Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async addMerchantDocumentChunk(
    @Arg('input', () => AddMerchantDocumentChunkInput) input: AddMerchantDocumentChunkInput, @Ctx() context: Context,
  ): Promise<MerchantDocumentPayload> {
    return toPayload(await this.services.documents.addChunk(input, askingOf(context)), context);
  }

  @Mutation(() => MerchantApplicationPayload, { description: 'Takes a document out of a draft, or where more was asked for. Again, also later, is answered as the first time. Refusals: NOT_FOUND, NOT_ALLOWED.' })
  async removeMerchantDocument(
    @Arg('input', () => RemoveMerchantDocumentInput) { documentId }: RemoveMerchantDocumentInput, @Ctx() context: Context,
  ): Promise<MerchantApplicationPayload> {
    return toPayload(await this.services.documents.remove(documentId, askingOf(context)), context);
  }
}

/** What a merchant shows of its verification. */
@Resolver(() => MerchantType)
export class VerificationResolver {
  @FieldResolver(() => VerificationEnum, {
    nullable: true, description: 'How far the merchant is with its verification. For its own people and operators; null for everybody else.',
  })
  async verification(@Root() merchant: MerchantType, @Ctx() context: Context): Promise<string | null> {
    return context.loaders.verification.load(merchant.id);
  }
}
