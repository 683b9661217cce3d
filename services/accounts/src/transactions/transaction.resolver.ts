import { type ConnectionOf, pageOf, principalOf, toConnection } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { AccountsContext } from '../loaders';
import { UserType } from '../people/user.type';
import { TransactionsArgs } from './transaction.input';
import { isTransactionPosition, type TransactionService } from './transaction.service';
import { CounterpartyType, TransactionConnection, TransactionType } from './transaction.type';
import { toTransactionType } from './transaction.view';

@Resolver(() => TransactionType)
export class TransactionResolver {
  @Query(() => TransactionType, {
    nullable: true, description: 'A transaction that the viewer may see, or null: someone else\'s and one that does not exist look alike.',
  })
  async transaction(@Arg('id', () => ID) id: string, @Ctx() context: AccountsContext): Promise<TransactionType | undefined> {
    principalOf(context);
    const view = await context.loaders.transactions.load(id);
    return view && toTransactionType(view);
  }

  @FieldResolver(() => CounterpartyType, { nullable: true, description: 'The other person, for a transfer.' })
  async counterparty(@Root() transaction: TransactionType, @Ctx() context: AccountsContext): Promise<CounterpartyType | undefined> {
    if (!transaction.otherPersonId) return undefined;
    const displayName = await context.loaders.displayNames.load(transaction.otherPersonId);
    return displayName === undefined ? undefined : { displayName };
  }
}

/** A person's transactions. A User stands in an answer only for the person themselves. */
@Resolver(() => UserType)
export class UserTransactionsResolver {
  constructor(private readonly service: TransactionService) {}

  @FieldResolver(() => TransactionConnection, { description: 'Newest first.' })
  async transactions(
    @Root() user: UserType, @Args(() => TransactionsArgs) args: TransactionsArgs,
  ): Promise<ConnectionOf<TransactionType>> {
    const page = pageOf(args, isTransactionPosition);
    const rows = await this.service.page(user.id, { ...page, walletId: args.walletId ?? undefined, kinds: args.kinds ?? undefined });
    return toConnection(rows, page, { node: ({ view }) => toTransactionType(view), position: ({ position }) => position });
  }
}
