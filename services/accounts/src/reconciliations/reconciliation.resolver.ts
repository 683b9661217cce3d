import { type ConnectionOf, PageArgs, pageOf, toConnection, toMoneyType, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { isIdPosition } from '../audit/audit-record.view';
import { operatorOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { ReconcileBankFileInput, ReconciliationLinesArgs } from './reconciliation.input';
import type { ReconciliationService } from './reconciliation.service';
import {
  ReconciliationConnection, ReconciliationLineConnection, type ReconciliationLineType, ReconciliationPayload, ReconciliationTotalType, ReconciliationType,
} from './reconciliation.type';
import { balancesOf, reconciliationView } from './reconciliation.view';

const isSeq = (position: readonly string[]): boolean => position.length === 1 && /^\d{1,9}$/.test(position[0]!);

/** What operators see of the bank's files, held against the books. */
@Resolver(() => ReconciliationType)
export class ReconciliationResolver {
  constructor(private readonly service: ReconciliationService) {}

  @Query(() => ReconciliationType, { nullable: true, description: 'For operators: a comparison of a bank\'s file with the books, or null.' })
  async reconciliation(@Arg('id', () => ID) id: string, @Ctx() context: AccountsContext): Promise<ReconciliationType | null> {
    operatorOf(context);
    const found = await this.service.find(id);
    return found ? reconciliationView(found) : null;
  }

  @Query(() => ReconciliationConnection, { description: 'For operators: comparisons of a bank\'s files with the books, the newest first.' })
  async reconciliations(@Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<ReconciliationType>> {
    operatorOf(context);
    const page = pageOf(args, isIdPosition);
    const rows = await this.service.list({ limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: reconciliationView, position: ({ id }) => [id] });
  }

  @FieldResolver(() => [ReconciliationTotalType], { description: 'What each class comes to; a class without a line is not there.' })
  async totals(@Root() { id, currency }: ReconciliationType, @Ctx() context: AccountsContext): Promise<ReconciliationTotalType[]> {
    operatorOf(context);
    const money = (minor: bigint) => toMoneyType({ minor, currency });
    return (await this.service.totals(id)).map((total) => ({ ...total, bankAmount: money(total.bankAmount), booksAmount: money(total.booksAmount) }));
  }

  @FieldResolver(() => ReconciliationLineConnection, { description: 'The lines, by day.' })
  async lines(
    @Root() { id, currency }: ReconciliationType, @Args(() => ReconciliationLinesArgs) args: ReconciliationLinesArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<ReconciliationLineType>> {
    operatorOf(context);
    const page = pageOf(args, isSeq);
    const rows = await this.service.lines(id, { class: args.class ?? undefined, limit: page.limit + 1, after: page.after ? Number(page.after[0]) : undefined });
    const money = (minor: bigint | null) => (minor === null ? null : toMoneyType({ minor, currency }));
    return toConnection(rows, page, {
      node: (row) => ({ ...row, bankAmount: money(row.bankAmount), ownAmount: money(row.ownAmount) }), position: ({ seq }) => [String(seq)],
    });
  }

  @Mutation(() => ReconciliationPayload, {
    description:
      'For operators: holds a bank\'s file of Tael\'s own account against the books, and opens a break for each line that does not fit. Nothing of a ' +
      'file with a wrong row is used. Refusals: INVALID_INPUT, NOT_ALLOWED, SESSION_EXPIRED.',
  })
  async reconcileBankFile(
    @Arg('input', () => ReconcileBankFileInput) input: ReconcileBankFileInput, @Ctx() context: AccountsContext,
  ): Promise<ReconciliationPayload> {
    const operator = operatorOf(context);
    const read = balancesOf(input);
    const done = read.ok ? await this.service.reconcile(operator, { ...input, ...read.balances }) : read;
    return done.ok ? { reconciliation: reconciliationView(done.reconciliation), userErrors: [] } : { userErrors: toUserErrors(done.refusals, context.identity.locale) };
  }
}
