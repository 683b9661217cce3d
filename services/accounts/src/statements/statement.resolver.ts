import { badUserInput, type ConnectionOf, PageArgs, pageOf, toConnection, toMoneyType } from '@tael/graphql';
import { currencyCode } from '@tael/money';
import { Arg, Args, FieldResolver, Resolver, Root } from 'type-graphql';
import { WalletType } from '../wallets/wallet.type';
import type { StatementLine, StatementSummary } from './statement.domain';
import type { StatementFormat } from './statement.document.domain';
import type { StatementService } from './statement.service';
import {
  StatementConnection, StatementDocumentType, StatementEntryConnection, type StatementEntryType, StatementFormatEnum, StatementType,
} from './statement.type';

function toStatementType(summary: StatementSummary): StatementType {
  const money = (minor: bigint) => toMoneyType({ minor, currency: summary.currency });
  return {
    month: summary.month.name, currency: summary.currency, from: summary.month.from, to: summary.month.to, isFinal: summary.final,
    openingBalance: money(summary.opening), closingBalance: money(summary.closing), credits: money(summary.credits), debits: money(summary.debits),
    entryCount: summary.creditCount + summary.debitCount, summary,
  };
}

/** A wallet's statements. A Wallet stands in an answer only for its owner. */
@Resolver(() => WalletType)
export class WalletStatementsResolver {
  constructor(private readonly service: StatementService) {}

  @FieldResolver(() => StatementConnection, { description: 'A statement a month since the wallet was opened, newest first; that of this month is not final.' })
  async statements(@Root() wallet: WalletType, @Args(() => PageArgs) args: PageArgs): Promise<ConnectionOf<StatementType>> {
    const page = pageOf(args, (position) => position.length === 1 && /^\d{4}-\d{2}$/.test(position[0]!));
    const rows = await this.service.page(walletOf(wallet), { limit: page.limit, after: page.after?.[0] });
    return toConnection(rows, page, { node: toStatementType, position: ({ month }) => [month.name] });
  }

  @FieldResolver(() => StatementType, { nullable: true, description: 'The statement of a month such as 2026-11; null where the wallet was not there.' })
  async statement(@Root() wallet: WalletType, @Arg('month', () => String) month: string): Promise<StatementType | undefined> {
    const found = await this.service.ofMonth(walletOf(wallet), month);
    return found && toStatementType(found);
  }
}

const walletOf = ({ id, currency }: WalletType) => ({ id, currency: currencyCode(currency) });

@Resolver(() => StatementType)
export class StatementResolver {
  constructor(private readonly service: StatementService) {}

  @FieldResolver(() => StatementEntryConnection, { description: 'In the order of booking.' })
  async entries(@Root() { summary }: StatementType, @Args(() => PageArgs) args: PageArgs): Promise<ConnectionOf<StatementEntryType>> {
    const page = pageOf(args, (position) => position.length === 1 && /^\d{1,18}$/.test(position[0]!));
    const after = page.after ? BigInt(page.after[0]!) : undefined;
    const rows = await this.service.lines(summary, { limit: page.limit, after });
    return toConnection(rows, page, { node: (line) => toEntryType(line, summary), position: ({ version }) => [version.toString()] });
  }

  @FieldResolver(() => StatementDocumentType, {
    description: 'The statement as a file. One of more than 10,000 entries is refused with BAD_USER_INPUT: read its entries page by page.',
  })
  async document(@Root() { summary }: StatementType, @Arg('format', () => StatementFormatEnum) format: StatementFormat): Promise<StatementDocumentType> {
    const document = await this.service.document(summary, format);
    if (!document) throw badUserInput('The statement has too many entries for one file. Read its entries page by page.', ['format']);
    return document;
  }
}

function toEntryType(line: StatementLine, { currency }: StatementSummary): StatementEntryType {
  const money = (minor: bigint) => toMoneyType({ minor, currency });
  return {
    transactionId: line.transactionId, kind: line.kind, amount: money(line.amount), fee: money(line.fee), balanceAfter: money(line.balanceAfter),
    bookedAt: line.bookedAt, counterparty: line.counterparty, description: line.description,
  };
}
