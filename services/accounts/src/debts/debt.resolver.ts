import { MoneyType, toMoneyType } from '@tael/graphql';
import { currencyCode } from '@tael/money';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { AccountsContext } from '../loaders';
import { WalletType } from '../wallets/wallet.type';

/** What the person of a wallet sees of a debt. A Wallet stands in an answer only for its owner. */
@Resolver(() => WalletType)
export class WalletDebtResolver {
  @FieldResolver(() => MoneyType, {
    description:
      'What you owe of top-ups of this wallet that your bank took back after they were spent; zero where you owe nothing. Money that comes in settles it ' +
      'first, within seconds. Until then you can neither withdraw nor send money, from any of your wallets.',
  })
  async owed(@Root() { id, currency }: WalletType, @Ctx() { loaders }: AccountsContext): Promise<MoneyType> {
    return toMoneyType({ minor: await loaders.owed.load(id), currency: currencyCode(currency) });
  }
}
