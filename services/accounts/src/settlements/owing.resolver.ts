import { badUserInput, type ConnectionOf, pageOf, toConnection, toMoneyType } from '@tael/graphql';
import { isCurrencyCode } from '@tael/money';
import { Args, Ctx, Query, Resolver } from 'type-graphql';
import { operatorOf } from '../callers';
import { uuidOf } from '../ids.domain';
import type { AccountsContext } from '../loaders';
import type { Owing, OwingService } from './owing.service';
import { OwingMerchantConnection, OwingMerchantsArgs, OwingMerchantType } from './owing.type';

const isOwingPosition = ([owed, inflowId, ...rest]: readonly string[]): boolean =>
  rest.length === 0 && /^\d{1,18}$/.test(owed ?? '') && uuidOf(inflowId ?? '') !== undefined;

const toOwingType = ({ merchantId, currency, owed, since }: Owing): OwingMerchantType => (
  { merchant: { id: merchantId }, owed: toMoneyType({ minor: owed, currency }), since });

/** Merchants that owe, as operators see them. */
@Resolver(() => OwingMerchantType)
export class OwingResolver {
  constructor(private readonly owing: OwingService) {}

  @Query(() => OwingMerchantConnection, { description: 'For operators: merchants that owe in a currency, those that owe most first.' })
  async owingMerchants(
    @Args(() => OwingMerchantsArgs) args: OwingMerchantsArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<OwingMerchantType>> {
    operatorOf(context);
    if (!isCurrencyCode(args.currency)) throw badUserInput('There is no such currency.', ['currency']);
    const page = pageOf(args, isOwingPosition);
    const [owed, inflowId] = page.after ?? [];
    const after = owed === undefined || inflowId === undefined ? undefined : { owed: BigInt(owed), inflowId };
    const rows = await this.owing.list(args.currency, { after, limit: page.limit + 1 });
    return toConnection(rows, page, { node: toOwingType, position: (row) => [String(row.owed), row.inflowId] });
  }
}
