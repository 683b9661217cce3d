import {
  type ConnectionOf, forbidden, ForPartners, PageArgs, pageOf, partnerWithScope, principalWithRole, type SubgraphContext, toConnection, toUserErrors,
} from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { PartnerType } from '../partners/partner.type';
import type { PartnerDocumentService } from './partner-document.service';
import { PartnerDocumentConnection, type PartnerDocumentType, PublishDocumentsInput, PublishDocumentsPayload } from './partner-document.type';

type Context = SubgraphContext<unknown>;

const ID_PREFIX = 'sha256:';

/** Documents as a bank publishes them; operators see them too. */
@Resolver(() => PartnerType)
export class PartnerDocumentResolver {
  constructor(private readonly service: PartnerDocumentService) {}

  @ForPartners()
  @Mutation(() => PublishDocumentsPayload, {
    description:
      'For partner banks: lets documents run in production, from the next request on, a thousand a bank. The door refuses one that does not ' +
      'fit the contract or costs too much, with BAD_USER_INPUT. What is published stays. Scope documents:publish. Refusals: INVALID_INPUT, ' +
      'LIMIT_EXCEEDED, NOT_ALLOWED.',
  })
  async publishDocuments(
    @ForPartners() @Arg('input', () => PublishDocumentsInput) input: PublishDocumentsInput, @Ctx() context: Context,
  ): Promise<PublishDocumentsPayload> {
    const outcome = await this.service.publish(partnerWithScope(context, 'documents:publish'), input.documents);
    return outcome.ok ? { documents: outcome.documents, userErrors: [] } : { userErrors: toUserErrors(outcome.refusals, context.identity.locale) };
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
