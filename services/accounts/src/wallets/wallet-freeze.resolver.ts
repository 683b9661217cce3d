import { type ConnectionOf, DateTime, PageArgs, pageOf, toConnection, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { AuditRecordConnection, type AuditRecordType } from '../audit/audit-record.type';
import { auditConnection, isIdPosition } from '../audit/audit-record.view';
import { operatorOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { FreezeWalletInput, UnfreezeWalletInput, WalletFreezesArgs } from './wallet-freeze.input';
import type { WalletFreezeService } from './wallet-freeze.service';
import { FreezeWalletPayload, UnfreezeWalletPayload, WalletFreezeConnection, WalletFreezeType } from './wallet-freeze.type';
import { WalletType } from './wallet.type';

/** Freezes of wallets as operators see and make them. */
@Resolver(() => WalletFreezeType)
export class WalletFreezeResolver {
  constructor(private readonly freezes: WalletFreezeService) {}

  @Query(() => WalletFreezeConnection, { description: 'For operators: the wallets that are frozen, or what was frozen of one wallet; the newest first.' })
  async walletFreezes(@Args(() => WalletFreezesArgs) args: WalletFreezesArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<WalletFreezeType>> {
    operatorOf(context);
    const page = pageOf(args, isIdPosition);
    const rows = await this.freezes.list({ walletId: args.walletId ?? undefined, limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: (row) => row, position: ({ id }) => [id] });
  }

  @FieldResolver(() => AuditRecordConnection, { description: 'What operators did about the wallet, the newest first.' })
  auditTrail(
    @Root() { walletId }: WalletFreezeType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<AuditRecordType>> {
    operatorOf(context);
    return auditConnection(args, (page) => this.freezes.trail(walletId, page));
  }

  @Mutation(() => FreezeWalletPayload, {
    description:
      'For operators: from the answer on nothing leaves a wallet at its person\'s wish: no payment, transfer or withdrawal (WALLET_FROZEN). Money still ' +
      'comes in, and what others have a right to is still taken. The person is told, without the reason. Refusals: INVALID_INPUT, NOT_FOUND, ' +
      'NOT_ALLOWED (one\'s own wallet), ALREADY_EXISTS (it is frozen), SESSION_EXPIRED.',
  })
  async freezeWallet(@Arg('input', () => FreezeWalletInput) input: FreezeWalletInput, @Ctx() context: AccountsContext): Promise<FreezeWalletPayload> {
    const done = await this.freezes.freeze(operatorOf(context), input);
    return done.ok ? { freeze: done.freeze, userErrors: [] } : { userErrors: toUserErrors(done.refusals, context.identity.locale) };
  }

  @Mutation(() => UnfreezeWalletPayload, {
    description:
      'For operators: lifts a freeze, and tells the wallet\'s person. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED (one\'s own wallet, or it was lifted), ' +
      'SESSION_EXPIRED.',
  })
  async unfreezeWallet(@Arg('input', () => UnfreezeWalletInput) input: UnfreezeWalletInput, @Ctx() context: AccountsContext): Promise<UnfreezeWalletPayload> {
    const done = await this.freezes.unfreeze(operatorOf(context), input);
    return done.ok ? { freeze: done.freeze, userErrors: [] } : { userErrors: toUserErrors(done.refusals, context.identity.locale) };
  }
}

/** What the person of a wallet sees of a freeze. */
@Resolver(() => WalletType)
export class FrozenWalletResolver {
  @FieldResolver(() => DateTime, {
    nullable: true, description: 'Since when Tael lets nothing leave this wallet at your wish; money still comes in. Null where it is not frozen.',
  })
  frozenSince(@Root() { id }: WalletType, @Ctx() { loaders }: AccountsContext): Promise<Date | null> {
    return loaders.frozenSince.load(id);
  }
}
