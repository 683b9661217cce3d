import {
  type ConnectionOf, fromMoneyInput, pageOf, principalWithRole, toConnection, toMoneyType, toUserErrors,
} from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { callerOf, viewerOf } from '../callers';
import { uuidOf } from '../ids.domain';
import type { AccountsContext } from '../loaders';
import type { Outcome } from '../outcomes/outcome.domain';
import { UserType } from '../people/user.type';
import { MerchantStub, TransactionType } from '../transactions/transaction.type';
import type { Dispute } from './dispute.rows.service';
import type { DisputeService } from './dispute.service';
import {
  ContestDisputeInput, DecideDisputeInput, DisputeConnection, DisputeInput, DisputePayload, DisputesArgs, DisputeType, OpenDisputeInput,
} from './dispute.type';

function toDisputeType({ currency, amount, refunded, ...dispute }: Dispute): DisputeType {
  return { ...dispute, amount: toMoneyType({ minor: amount, currency }), refunded: toMoneyType({ minor: refunded, currency }) };
}

/** Writes the answer of a step. */
export function toPayload(context: AccountsContext, answer: Outcome<{ dispute: Dispute }>): DisputePayload {
  return answer.ok
    ? { dispute: toDisputeType(answer.dispute), userErrors: [] }
    : { userErrors: toUserErrors(answer.refusals, context.identity.locale) };
}

/** Gives a page of what `read` reads, or null where it reads nothing. */
async function pageWith<Rows extends Dispute[] | undefined>(
  args: DisputesArgs, read: (page: { limit: number; after: string | undefined; status: DisputeType['status'] | undefined }) => Promise<Rows>,
): Promise<ConnectionOf<DisputeType> | (Rows extends undefined ? null : never)> {
  const page = pageOf(args, (position) => position.length === 1 && uuidOf(position[0]!) !== undefined);
  const rows = await read({ limit: page.limit + 1, after: page.after?.[0], status: args.status ?? undefined });
  return (rows && toConnection(rows, page, { node: toDisputeType, position: ({ id }) => [id] })) ?? (null as never);
}

@Resolver(() => DisputeType)
export class DisputeResolver {
  constructor(private readonly disputes: DisputeService) {}

  @Query(() => DisputeConnection, { name: 'disputes', description: 'For operators: all disputes, newest first.' })
  async allDisputes(@Args(() => DisputesArgs) args: DisputesArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<DisputeType>> {
    principalWithRole(context, 'OPERATOR');
    return pageWith(args, (page) => this.disputes.reader.all(page));
  }

  @Mutation(() => DisputePayload, {
    description:
      'Disputes a payment of one\'s own, for 120 days. The merchant has seven days to answer. The same again gives the same dispute. ' +
      'Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, ALREADY_EXISTS, CURRENCY_MISMATCH, REFUND_EXCEEDS_PAYMENT, LIMIT_EXCEEDED.',
  })
  async openDispute(@Arg('input', () => OpenDisputeInput) input: OpenDisputeInput, @Ctx() context: AccountsContext): Promise<DisputePayload> {
    const caller = callerOf(context);
    const amount = input.amount ? fromMoneyInput(input.amount, ['input', 'amount']) : undefined;
    if (amount && !amount.ok) return { userErrors: toUserErrors(amount.refusals, context.identity.locale) };
    const { transactionId, reason, description } = input;
    return toPayload(context, await this.disputes.open(caller, { transactionId, reason, description, amount: amount?.money }));
  }

  @Mutation(() => DisputePayload, { description: 'For the person who disputes: takes it back. Refusals: NOT_FOUND, NOT_ALLOWED.' })
  async withdrawDispute(@Arg('input', () => DisputeInput) { disputeId }: DisputeInput, @Ctx() context: AccountsContext): Promise<DisputePayload> {
    return toPayload(context, await this.disputes.withdraw(callerOf(context), disputeId));
  }

  @Mutation(() => DisputePayload, {
    description: 'For the merchant\'s owners and managers: gives in; the money goes back at once. Refusals: NOT_FOUND, NOT_ALLOWED.',
  })
  async acceptDispute(@Arg('input', () => DisputeInput) { disputeId }: DisputeInput, @Ctx() context: AccountsContext): Promise<DisputePayload> {
    return toPayload(context, await this.disputes.accept(callerOf(context), disputeId));
  }

  @Mutation(() => DisputePayload, {
    description: 'For the merchant\'s owners and managers: says why the payment is right; an operator decides. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async contestDispute(@Arg('input', () => ContestDisputeInput) input: ContestDisputeInput, @Ctx() context: AccountsContext): Promise<DisputePayload> {
    return toPayload(context, await this.disputes.contest(callerOf(context), input));
  }

  @Mutation(() => DisputePayload, {
    description:
      'For operators: decides what is contested, but nothing that they have a part in. For the person, what was disputed goes back at once, or what is ' +
      'left of it. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async decideDispute(@Arg('input', () => DecideDisputeInput) input: DecideDisputeInput, @Ctx() context: AccountsContext): Promise<DisputePayload> {
    principalWithRole(context, 'OPERATOR');
    return toPayload(context, await this.disputes.decide(callerOf(context), input));
  }
}

@Resolver(() => TransactionType)
export class TransactionDisputeResolver {
  @FieldResolver(() => DisputeType, {
    nullable: true, description: 'The newest dispute of the payment. For the payer, the merchant\'s people and operators; null for everybody else.',
  })
  async dispute(@Root() transaction: TransactionType, @Ctx() context: AccountsContext): Promise<DisputeType | null> {
    const found = await context.loaders.disputes.load(transaction.id);
    return found ? toDisputeType(found) : null;
  }
}

/** A person's disputes. A User stands in an answer only for the person themselves. */
@Resolver(() => UserType)
export class UserDisputesResolver {
  constructor(private readonly disputes: DisputeService) {}

  @FieldResolver(() => DisputeConnection, { name: 'disputes', description: 'Newest first.' })
  async ofUser(@Root() user: UserType, @Args(() => DisputesArgs) args: DisputesArgs): Promise<ConnectionOf<DisputeType>> {
    return pageWith(args, (page) => this.disputes.reader.ofPerson(user.id, page));
  }
}

@Resolver(() => MerchantStub)
export class MerchantDisputesResolver {
  constructor(private readonly disputes: DisputeService) {}

  @FieldResolver(() => DisputeConnection, {
    name: 'disputes', nullable: true, description: 'Disputes of payments to the merchant, newest first. For its own people and operators; null for everybody else.',
  })
  async ofMerchant(
    @Root() { id }: MerchantStub, @Args(() => DisputesArgs) args: DisputesArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<DisputeType> | null> {
    const [viewer, merchantId] = [viewerOf(context.identity), uuidOf(id)];
    if (!viewer || !merchantId) return null;
    return pageWith<Dispute[] | undefined>(args, (page) => this.disputes.reader.ofMerchant(merchantId, viewer, page));
  }
}
