import { CurrencyCodeScalar, principalOf, toMoneyType, toUserErrors } from '@tael/graphql';
import { currencyCode } from '@tael/money';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { AccountsContext } from '../loaders';
import { UserType } from '../people/user.type';
import { OpenWalletInput } from './wallet.input';
import type { WalletService } from './wallet.service';
import { OpenWalletPayload, WalletBalanceType, WalletType } from './wallet.type';

@Resolver(() => WalletType)
export class WalletResolver {
  constructor(private readonly wallets: WalletService) {}

  @Mutation(() => OpenWalletPayload)
  async openWallet(
    @Arg('input', () => OpenWalletInput) input: OpenWalletInput,
    @Ctx() context: AccountsContext,
  ): Promise<OpenWalletPayload> {
    const { identity } = context;
    const { personId } = principalOf(context);
    const done = await this.wallets.open({ personId, currency: input.currency, traceparent: identity.traceparent });
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, identity.locale) };
    return { wallet: { id: done.walletId, currency: input.currency }, userErrors: [] };
  }

  @FieldResolver(() => WalletBalanceType)
  async balance(@Root() wallet: WalletType, @Ctx() context: AccountsContext): Promise<WalletBalanceType> {
    const { posted, available } = await context.loaders.balances.load(wallet.id);
    const money = (minor: bigint) => toMoneyType({ minor, currency: currencyCode(wallet.currency) });
    return { posted: money(posted), available: money(available), pending: money(posted - available) };
  }
}

/** A person's wallets. A User stands in an answer only for the person themselves. */
@Resolver(() => UserType)
export class UserWalletsResolver {
  @FieldResolver(() => [WalletType], { description: 'Oldest first.' })
  wallets(@Root() user: UserType, @Ctx() context: AccountsContext): Promise<WalletType[]> {
    return context.loaders.walletsOfPerson.load(user.id);
  }

  @FieldResolver(() => WalletType, { nullable: true })
  async wallet(
    @Root() user: UserType,
    @Arg('currency', () => CurrencyCodeScalar) currency: string,
    @Ctx() context: AccountsContext,
  ): Promise<WalletType | undefined> {
    const wallets = await context.loaders.walletsOfPerson.load(user.id);
    return wallets.find((wallet) => wallet.currency === currency);
  }
}
