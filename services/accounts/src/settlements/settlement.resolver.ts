import { badUserInput, type ConnectionOf, fromMoneyInput, PageArgs, pageOf, principalOf, principalWithRole, toConnection, toMoneyType, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { AuditRecordConnection, type AuditRecordType } from '../audit/audit-record.type';
import { auditConnection } from '../audit/audit-record.view';
import { callerOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { StatementDocumentType, StatementFormatEnum } from '../statements/statement.type';
import type { StatementFormat } from '../statements/statement.document.domain';
import { isTransactionPosition } from '../transactions/transaction.service';
import { MerchantStub } from '../transactions/transaction.type';
import type { MerchantTermsService } from './merchant-terms.service';
import { CloseSettlementInput, SetMerchantTermsInput } from './settlement.input';
import {
  CloseSettlementPayload, SetMerchantTermsPayload, SettlementConnection, SettlementLineConnection, type SettlementLineType, SettlementType,
} from './settlement.type';
import { toLineType, toSettlementType } from './settlement.view';
import type { SettlementView, SettlementViewService } from './settlement-view.service';

const positionOf = ({ position, id }: SettlementView): string[] => [position, id];

/** A merchant's settlements. A Merchant may come here past its parent: who looks is asked here. */
@Resolver(() => MerchantStub)
export class MerchantSettlementsResolver {
  constructor(private readonly views: SettlementViewService) {}

  @FieldResolver(() => SettlementConnection, {
    nullable: true, description: 'Newest first. For the merchant\'s owners and managers and for operators; null for everybody else.',
  })
  async settlements(
    @Root() { id }: MerchantStub, @Args(() => PageArgs) args: PageArgs, @Ctx() { loaders }: AccountsContext,
  ): Promise<ConnectionOf<SettlementType> | null> {
    if (!(await loaders.settledMerchants.load(id))) return null;
    const page = pageOf(args, isTransactionPosition);
    const rows = await this.views.ofMerchant(id, { limit: page.limit, after: page.after });
    return toConnection(rows, page, { node: toSettlementType, position: positionOf });
  }
}

@Resolver(() => SettlementType)
export class SettlementResolver {
  constructor(private readonly parts: { settlementViews: SettlementViewService; merchantTerms: MerchantTermsService }) {}

  @Query(() => SettlementType, { nullable: true, description: 'For the merchant\'s owners and managers and for operators; null for everybody else.' })
  async settlement(@Arg('id', () => ID) id: string, @Ctx() context: AccountsContext): Promise<SettlementType | null> {
    principalOf(context);
    const found = await this.parts.settlementViews.one(id, callerOf(context));
    return found ? toSettlementType(found) : null;
  }

  @Query(() => SettlementConnection, { description: 'The settlements of all merchants, newest first. For operators.' })
  async settlements(@Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<SettlementType>> {
    principalWithRole(context, 'OPERATOR');
    const page = pageOf(args, isTransactionPosition);
    const rows = await this.parts.settlementViews.all({ limit: page.limit, after: page.after });
    return toConnection(rows, page, { node: toSettlementType, position: positionOf });
  }

  @Query(() => AuditRecordConnection, { description: 'What operators did about a merchant\'s settlement, newest first. For operators.' })
  async settlementAudit(
    @Arg('merchantId', () => ID) merchantId: string, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<AuditRecordType>> {
    principalWithRole(context, 'OPERATOR');
    return auditConnection(args, (page) => this.parts.merchantTerms.trail(merchantId, page));
  }

  @FieldResolver(() => SettlementLineConnection, { description: 'The payments, refunds and adjustments of it, in the order of booking.' })
  async lines(@Root() { view }: SettlementType, @Args(() => PageArgs) args: PageArgs): Promise<ConnectionOf<SettlementLineType>> {
    const page = pageOf(args, (position) => position.length === 1 && /^\d{1,18}$/.test(position[0]!));
    const settlement = view as SettlementView;
    const rows = await this.parts.settlementViews.lines(settlement, { limit: page.limit, after: page.after ? BigInt(page.after[0]!) : undefined });
    return toConnection(rows, page, { node: (line) => toLineType(line, settlement), position: ({ version }) => [version.toString()] });
  }

  @FieldResolver(() => StatementDocumentType, {
    description: 'It as a file, with its lines, fees and reserve. One of more than 10,000 lines is refused with BAD_USER_INPUT: read its lines page by page.',
  })
  async document(@Root() { view }: SettlementType, @Arg('format', () => StatementFormatEnum) format: StatementFormat): Promise<StatementDocumentType> {
    const document = await this.parts.settlementViews.document(view as SettlementView, format);
    if (!document) throw badUserInput('The settlement has too many lines for one file. Read its lines page by page.', ['format']);
    return document;
  }

  @Mutation(() => SetMerchantTermsPayload, {
    description: 'For operators: sets what a merchant is charged from its next business day on. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED (of a merchant of their own).',
  })
  async setMerchantTerms(
    @Arg('input', () => SetMerchantTermsInput) input: SetMerchantTermsInput, @Ctx() context: AccountsContext,
  ): Promise<SetMerchantTermsPayload> {
    principalWithRole(context, 'OPERATOR');
    const { locale } = context.identity;
    const fixed = fromMoneyInput(input.feePerPayment, ['input', 'feePerPayment']);
    if (!fixed.ok) return { userErrors: toUserErrors(fixed.refusals, locale) };
    const done = await this.parts.merchantTerms.set(callerOf(context), { ...input, feeFixed: fixed.money });
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, locale) };
    const { merchantId, feeBasisPoints, feeFixed, currency, reserveBasisPoints, reserveDays, effectiveFrom } = done.terms;
    const feePerPayment = toMoneyType({ minor: feeFixed, currency });
    return { terms: { merchantId, feeBasisPoints, feePerPayment, reserveBasisPoints, reserveDays, effectiveFrom }, userErrors: [] };
  }

  @Mutation(() => CloseSettlementPayload, {
    description:
      'For operators: closes what a merchant has come to, though its day is not over: first each day that is, under its own terms, then the rest of today. ' +
      'Gives the last batch. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED where there is nothing to settle, a day that has just ended is still being booked, or it is a merchant of their own.',
  })
  async closeSettlement(
    @Arg('input', () => CloseSettlementInput) input: CloseSettlementInput, @Ctx() context: AccountsContext,
  ): Promise<CloseSettlementPayload> {
    principalWithRole(context, 'OPERATOR');
    const caller = callerOf(context);
    const { merchantId, currency, reason } = input;
    const done = await this.parts.merchantTerms.closeNow(caller, { merchantId, currency, reason });
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    const settlement = await this.parts.settlementViews.one(done.settlementId, caller);
    return { ...(settlement ? { settlement: toSettlementType(settlement) } : {}), userErrors: [] };
  }
}
