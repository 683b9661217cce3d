import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { AccountsContext } from '../loaders';
import { TransactionType } from '../transactions/transaction.type';
import { RefundedByType } from './refund.type';

/** What a merchant's owners and managers see of a refund beside others. */
@Resolver(() => TransactionType)
export class RefundPersonResolver {
  @FieldResolver(() => RefundedByType, {
    nullable: true,
    description:
      'Of a refund, who of the merchant\'s people gave it back. For the merchant\'s owners and managers; null for everybody else, where Tael gave it back, and for refunds of before ' +
      'this was kept.',
  })
  async refundedBy(@Root() { id }: TransactionType, @Ctx() { loaders }: AccountsContext): Promise<RefundedByType | null> {
    return (await loaders.refundPeople.load(id)) ?? null;
  }
}
