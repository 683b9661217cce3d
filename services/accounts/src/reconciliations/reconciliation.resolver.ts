import { type ConnectionOf, PageArgs, pageOf, toConnection, toMoneyType, toUserErrors } from '@tael/graphql';
import { isCurrencyCode } from '@tael/money';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { isIdPosition } from '../audit/audit-record.view';
import { operatorOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { signed } from './bank-file.domain';
import { ReconcileBankFileInput, ReconciliationLinesArgs } from './reconciliation.input';
import type { BankFile, Reconciliation, ReconciliationService } from './reconciliation.service';
import {
  ReconciliationConnection, ReconciliationLineConnection, type ReconciliationLineType, ReconciliationPayload, ReconciliationTotalType, ReconciliationType,
} from './reconciliation.type';

const isSeq = (position: readonly string[]): boolean => position.length === 1 && /^\d{1,9}$/.test(position[0]!);

/** What operators see of the bank's files, held against the books. */
@Resolver(() => ReconciliationType)
export class ReconciliationResolver {
  constructor(private readonly service: ReconciliationService) {}

  @Query(() => ReconciliationType, { nullable: true, description: 'For operators: a comparison of a bank\'s file with the books, or null.' })
  async reconciliation(@Arg('id', () => ID) id: string, @Ctx() context: AccountsContext): Promise<ReconciliationType | null> {
    operatorOf(context);
    const found = await this.service.find(id);
    return found ? toType(found) : null;
  }

  @Query(() => ReconciliationConnection, { description: 'For operators: comparisons of a bank\'s files with the books, the newest first.' })
  async reconciliations(@Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<ReconciliationType>> {
    operatorOf(context);
    const page = pageOf(args, isIdPosition);
    const rows = await this.service.list({ limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: toType, position: ({ id }) => [id] });
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
      'file with a wrong row is used. Refusals: INVALID_INPUT, SESSION_EXPIRED.',
  })
  async reconcileBankFile(
    @Arg('input', () => ReconcileBankFileInput) input: ReconcileBankFileInput, @Ctx() context: AccountsContext,
  ): Promise<ReconciliationPayload> {
    const operator = operatorOf(context);
    const read = fileOf(input);
    const done = read.ok ? await this.service.reconcile(operator, read.file) : read;
    return done.ok ? { reconciliation: toType(done.reconciliation), userErrors: [] } : { userErrors: toUserErrors(done.refusals, context.identity.locale) };
  }
}

function fileOf({ currency, openingBalance, closingBalance, ...input }: ReconcileBankFileInput): Outcome<{ file: BankFile }> {
  if (!isCurrencyCode(currency)) return refuse('INVALID_INPUT', ['input', 'currency'], 'UNKNOWN_CURRENCY');
  const [opening, closing] = [signed(openingBalance, currency), signed(closingBalance, currency)];
  if (opening === undefined) return refuse('INVALID_INPUT', ['input', 'openingBalance'], 'NOT_A_DECIMAL');
  if (closing === undefined) return refuse('INVALID_INPUT', ['input', 'closingBalance'], 'NOT_A_DECIMAL');
  return { ok: true, file: { ...input, currency, opening, closing } };
}

function toType(found: Reconciliation): ReconciliationType {
  const money = (minor: bigint) => toMoneyType({ minor, currency: found.currency });
  const { id, currency, digest, uploadedBy, createdAt } = found;
  return {
    id, currency, digest, uploadedBy, createdAt, from: dayOf(found.periodFrom), to: dayOf(found.periodTo),
    bankOpening: money(found.bankOpening), bankClosing: money(found.bankClosing), booksOpening: money(found.booksOpening), booksClosing: money(found.booksClosing),
  };
}

/** A day as the database gives it: a text or, by the driver, an instant at its beginning. */
function dayOf(day: string | Date): string {
  if (typeof day === 'string') return day.slice(0, 10);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
