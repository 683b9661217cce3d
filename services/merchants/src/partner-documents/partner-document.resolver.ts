import {
  type ConnectionOf, forbidden, ForPartners, PageArgs, pageOf, partnerWithScope, principalWithRole, type SubgraphContext, toConnection, toUserErrors,
} from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { PartnerType } from '../partners/partner.type';
import type { PartnerDocumentService, WithdrawOutcome } from './partner-document.service';
import { PartnerDocumentConnection, type PartnerDocumentType, PublishDocumentsInput, PublishDocumentsPayload, WithdrawDocumentsInput, WithdrawDocumentsPayload, WithdrawPartnerDocumentsInput } from './partner-document.type';

type Context = SubgraphContext<unknown>;

const ID_PREFIX = 'sha256:';

const toPayload = (outcome: WithdrawOutcome, { identity }: Context): WithdrawDocumentsPayload =>
  (outcome.ok ? { withdrawn: outcome.withdrawn, userErrors: [] } : { userErrors: toUserErrors(outcome.refusals, identity.locale) });

/** Documents as a bank publishes them; operators see them too. */
@Resolver(() => PartnerType)
export class PartnerDocumentResolver {
  constructor(private readonly service: PartnerDocumentService) {}

  @ForPartners()
  @Mutation(() => PublishDocumentsPayload, {
    description:
      'For partner banks: lets documents run in production, from the next request on, a thousand a bank. The door refuses one that does not ' +
      'fit the contract or costs too much, with BAD_USER_INPUT. What is published runs until it is withdrawn. Scope documents:publish. Refusals: INVALID_INPUT, ' +
      'LIMIT_EXCEEDED, NOT_ALLOWED.',
  })
  async publishDocuments(
    @ForPartners() @Arg('input', () => PublishDocumentsInput) input: PublishDocumentsInput, @Ctx() context: Context,
  ): Promise<PublishDocumentsPayload> {
    const outcome = await this.service.publish(partnerWithScope(context, 'documents:publish'), input.documents);
    return outcome.ok ? { documents: outcome.documents, userErrors: [] } : { userErrors: toUserErrors(outcome.refusals, context.identity.locale) };
  }

  @ForPartners()
  @Mutation(() => WithdrawDocumentsPayload, {
    description:
      'For partner banks: lets documents run no more, within a minute at every gateway, and makes room for others. One that is not there is passed ' +
      'over. Scope documents:publish. Refusals: INVALID_INPUT.',
  })
  async withdrawDocuments(
    @ForPartners() @Arg('input', () => WithdrawDocumentsInput) input: WithdrawDocumentsInput, @Ctx() context: Context,
  ): Promise<WithdrawDocumentsPayload> {
    const { partnerId, clientId } = partnerWithScope(context, 'documents:publish');
    return toPayload(await this.service.withdraw({ kind: 'PARTNER_CLIENT', id: clientId }, { ...input, partnerId }), context);
  }

  @Mutation(() => WithdrawDocumentsPayload, {
    description: 'For operators: lets documents of a bank run no more. One that is not there is passed over. Refusals: INVALID_INPUT, NOT_FOUND.',
  })
  async withdrawPartnerDocuments(
    @Arg('input', () => WithdrawPartnerDocumentsInput) input: WithdrawPartnerDocumentsInput, @Ctx() context: Context,
  ): Promise<WithdrawDocumentsPayload> {
    const { personId } = principalWithRole(context, 'OPERATOR');
    return toPayload(await this.service.withdraw({ kind: 'PERSON', id: personId }, input), context);
  }

  @ForPartners()
  @FieldResolver(() => PartnerDocumentConnection, { description: 'What runs in production, in the order of the ids. For the bank itself and operators.' })
  async documents(
    @Root() partner: PartnerType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: Context,
  ): Promise<ConnectionOf<PartnerDocumentType>> {
    if (!context.identity.partner) principalWithRole(context, 'OPERATOR');
    else if (context.identity.partner.partnerId !== partner.id) throw forbidden();
    const page = pageOf(args, (position) => position.length === 1 && /^[0-9a-f]{64}$/.test(position[0]!));
    const rows = await this.service.list(partner.id, { limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: (row) => row, position: ({ id }) => [id.slice(ID_PREFIX.length)] });
  }
}
