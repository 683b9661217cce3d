import { type ConnectionOf, PageArgs, pageOf, type SubgraphContext, toConnection } from '@tael/graphql';
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { CampaignAuditEntryConnection, type CampaignAuditEntryType } from './campaign-audit.type';
import type { CampaignAuditService } from './campaign-audit.service';
import { CampaignType } from './campaign.type';

/** What operators read of who changed a campaign. */
@Resolver(() => CampaignType)
export class CampaignAuditResolver {
  constructor(private readonly parts: { readonly campaignAudits: CampaignAuditService }) {}

  @FieldResolver(() => CampaignAuditEntryConnection, {
    nullable: true, description: 'Every change of the campaign since 29 November 2026, the newest first. For operators; null for everybody else.',
  })
  async auditTrail(
    @Root() { id }: CampaignType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: SubgraphContext,
  ): Promise<ConnectionOf<CampaignAuditEntryType> | null> {
    if (!context.identity.principal?.roles.includes('OPERATOR')) return null;
    const page = pageOf(args, (position) => position.length === 1 && isUuid(position[0]));
    const rows = await this.parts.campaignAudits.trail(id, { limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, {
      node: ({ before, after, ...row }) => ({ ...row, before: before && JSON.stringify(before), after: JSON.stringify(after) }),
      position: (row) => [row.id],
    });
  }
}
