import { badUserInput, type ConnectionOf, CurrencyCodeScalar, ForPartners, PageArgs, pageOf, partnerWithScope, toConnection, toMoneyType } from '@tael/graphql';
import { validate as isUuid } from 'uuid';
import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { AccountsContext } from '../loaders';
import type { StatementFormat } from '../statements/statement.document.domain';
import { StatementDocumentType, StatementFormatEnum } from '../statements/statement.type';
import type { PartnerAccount, PartnerStatement } from './partner-account.domain';
import type { PartnerAccountService, PartnerStatementLine } from './partner-account.service';
import {
  PartnerAccountConnection, PartnerAccountType, PartnerStatementConnection, PartnerStatementEntryConnection, type PartnerStatementEntryType, PartnerStatementType,
} from './partner-account.type';

const SCOPE = 'statements:read';
const SAID = 'For partner banks. Scope statements:read.';

function toAccountType(account: PartnerAccount): PartnerAccountType {
  const { id, number, currency, balance, overdraft, firstBookedOn, lastBookedOn } = account;
  const money = (minor: bigint) => toMoneyType({ minor, currency });
  return { id, number, currency, balance: money(balance), overdraft: money(overdraft), firstBookedOn, lastBookedOn, account };
}

function toStatementType(summary: PartnerStatement): PartnerStatementType {
  const money = (minor: bigint) => toMoneyType({ minor, currency: summary.currency });
  return {
    month: summary.month.name, currency: summary.currency, isFinal: summary.final, openingBalance: money(summary.opening), closingBalance: money(summary.closing),
    credits: money(summary.credits), debits: money(summary.debits), entryCount: summary.creditCount + summary.debitCount, summary,
  };
}

function toEntryType(line: PartnerStatementLine, { currency }: PartnerStatement): PartnerStatementEntryType {
  const money = (minor: bigint) => toMoneyType({ minor, currency });
  return {
    id: line.transactionId, bookedOn: line.bookedAt.toISOString().slice(0, 10), amount: money(line.amount), balanceAfter: money(line.balanceAfter), ...line.details,
  };
}

/** A bank's own accounts. */
@Resolver(() => PartnerAccountType)
export class PartnerAccountResolver {
  constructor(private readonly service: PartnerAccountService) {}

  @ForPartners()
  @Query(() => PartnerAccountConnection, { description: `The accounts of the bank that asks, in the order in which they came. ${SAID}` })
  async partnerAccounts(@Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<PartnerAccountType>> {
    const { partnerId } = partnerWithScope(context, SCOPE);
    const page = pageOf(args, (position) => position.length === 1 && isUuid(position[0]));
    const rows = await this.service.page(partnerId, { limit: page.limit, after: page.after?.[0] });
    return toConnection(rows, page, { node: toAccountType, position: ({ id }) => [id] });
  }

  @ForPartners()
  @Query(() => PartnerAccountType, { nullable: true, description: `An account of the bank that asks, or null. ${SAID}` })
  async partnerAccount(
    @ForPartners() @Arg('number', () => String) number: string,
    @ForPartners() @Arg('currency', () => CurrencyCodeScalar) currency: string,
    @Ctx() context: AccountsContext,
  ): Promise<PartnerAccountType | undefined> {
    const found = await this.service.byNumber(partnerWithScope(context, SCOPE).partnerId, number, currency);
    return found && toAccountType(found);
  }

  @FieldResolver(() => PartnerStatementConnection, { description: 'A statement a month, newest first.' })
  async statements(@Root() { account }: PartnerAccountType, @Args(() => PageArgs) args: PageArgs): Promise<ConnectionOf<PartnerStatementType>> {
    const page = pageOf(args, (position) => position.length === 1 && /^\d{4}-\d{2}$/.test(position[0]!));
    const rows = await this.service.statements(account, { limit: page.limit, after: page.after?.[0] });
    return toConnection(rows, page, { node: toStatementType, position: ({ month }) => [month.name] });
  }

  @FieldResolver(() => PartnerStatementType, { nullable: true, description: 'The statement of a month such as 1993-11.' })
  async statement(@Root() { account }: PartnerAccountType, @ForPartners() @Arg('month', () => String) month: string): Promise<PartnerStatementType | undefined> {
    const found = await this.service.statement(account, month);
    return found && toStatementType(found);
  }
}

@Resolver(() => PartnerStatementType)
export class PartnerStatementResolver {
  constructor(private readonly service: PartnerAccountService) {}

  @FieldResolver(() => PartnerStatementEntryConnection, { description: 'In the order of booking.' })
  async entries(@Root() { summary }: PartnerStatementType, @Args(() => PageArgs) args: PageArgs): Promise<ConnectionOf<PartnerStatementEntryType>> {
    const page = pageOf(args, (position) => position.length === 1 && /^\d{1,18}$/.test(position[0]!));
    const rows = await this.service.lines(summary, { limit: page.limit, after: page.after ? BigInt(page.after[0]!) : undefined });
    return toConnection(rows, page, { node: (line) => toEntryType(line, summary), position: ({ version }) => [version.toString()] });
  }

  @FieldResolver(() => StatementDocumentType, {
    description: 'The statement as a file. One of more than 10,000 entries is refused with BAD_USER_INPUT: read its entries page by page.',
  })
  async document(
    @Root() { summary }: PartnerStatementType, @ForPartners() @Arg('format', () => StatementFormatEnum) format: StatementFormat,
  ): Promise<StatementDocumentType> {
    const document = await this.service.document(summary, format);
    if (!document) throw badUserInput('The statement has too many entries for one file. Read its entries page by page.', ['format']);
    return document;
  }
}
