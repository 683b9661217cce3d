import { type ConnectionOf, consentWithScope, ForPartners, PageArgs, pageOf, toConnection, toMoneyType } from '@tael/graphql';
import { currencyCode } from '@tael/money';
import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { AccountsContext } from '../loaders';
import type { CustomerService } from './customer.service';
import { CustomerTransactionConnection, type CustomerTransactionType, CustomerType, CustomerWalletType } from './customer.type';

/** A person as a bank sees them by their consent. */
@Resolver(() => CustomerType)
export class CustomerResolver {
  constructor(private readonly service: CustomerService) {}

  @ForPartners()
  @Query(() => CustomerType, {
    nullable: true,
    description:
      'For partner banks: the person whose consent the access token is for; null where it was withdrawn or is over. ' +
      'Scope wallets:read, by a token of an authorization code.',
  })
  async customer(@Ctx() context: AccountsContext): Promise<CustomerType | undefined> {
    const found = await this.service.find(consentWithScope(context, 'wallets:read'), 'wallets:read');
    return found && { id: found.id, subject: found.subject, scopes: found.scopes, consentExpiresAt: found.expiresAt };
  }

  @FieldResolver(() => [CustomerWalletType], { description: 'The wallets that the person chose, oldest first.' })
  async wallets(@Ctx() context: AccountsContext): Promise<CustomerWalletType[]> {
    const wallets = await this.service.wallets(consentWithScope(context, 'wallets:read'));
    return wallets.map(({ posted, available, ...wallet }) => {
      const money = (minor: bigint) => toMoneyType({ minor, currency: wallet.currency });
      return { ...wallet, balance: money(posted), available: money(available) };
    });
  }
}

@Resolver(() => CustomerWalletType)
export class CustomerWalletResolver {
  constructor(private readonly service: CustomerService) {}

  @FieldResolver(() => CustomerTransactionConnection, { description: 'Newest first. Scope transactions:read.' })
  async transactions(
    @Root() wallet: CustomerWalletType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<CustomerTransactionType>> {
    const holder = consentWithScope(context, 'transactions:read');
    const page = pageOf(args, (position) => position.length === 1 && /^\d{1,18}$/.test(position[0]!));
    const before = page.after === undefined ? undefined : BigInt(page.after[0]!);
    const rows = await this.service.entries(holder, wallet.walletId, { limit: page.limit, before });
    const money = (minor: bigint) => toMoneyType({ minor, currency: currencyCode(wallet.currency) });
    return toConnection(rows, page, {
      node: ({ amount, balanceAfter, version: _version, ...row }) => ({ ...row, amount: money(amount), balanceAfter: money(balanceAfter) }),
      position: ({ version }) => [version.toString()],
    });
  }
}
