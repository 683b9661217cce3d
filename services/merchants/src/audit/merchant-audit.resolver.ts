import { type ConnectionOf, PageArgs, pageOf, type SubgraphContext } from '@tael/graphql';
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import type { MerchantService } from '../merchants/merchant.service';
import { MerchantType } from '../merchants/merchant.type';
import { toTrail } from './audit.view';
import { AuditEntryConnection, type AuditEntryType } from './audit-entry.type';

/** What operators read of who changed a merchant. */
@Resolver(() => MerchantType)
export class MerchantAuditResolver {
  constructor(private readonly service: MerchantService) {}

  @FieldResolver(() => AuditEntryConnection, {
    nullable: true,
    description: 'Every change of the merchant, its people, stores and webhook endpoints, the newest first. For operators; null for everybody else.',
  })
  async auditTrail(
    @Root() merchant: MerchantType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: SubgraphContext,
  ): Promise<ConnectionOf<AuditEntryType> | null> {
    if (!context.identity.principal?.roles.includes('OPERATOR')) return null;
    const page = pageOf(args, (position) => position.length === 1 && isUuid(position[0]));
    const rows = await this.service.trail(merchant.id, { limit: page.limit + 1, after: page.after?.[0] });
    return toTrail(rows, page);
  }
}
