import { type ConnectionOf, PageArgs, pageOf, toConnection, toMoneyType, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { AuditRecordConnection, type AuditRecordType } from '../audit/audit-record.type';
import { auditConnection, isIdPosition } from '../audit/audit-record.view';
import { operatorOf } from '../callers';
import type { AccountsContext } from '../loaders';
import type { ReconciliationService } from '../reconciliations/reconciliation.service';
import { ReconciliationType } from '../reconciliations/reconciliation.type';
import { balancesOf, reconciliationView } from '../reconciliations/reconciliation.view';
import { AddBankFileChunkInput, BankFileInput, BankFilesArgs, OpenBankFileInput, RetryBankFileInput } from './bank-file.input';
import type { BankFileOutcome, BankFileService } from './bank-file.service';
import { BankFileConnection, BankFilePayload, BankFileType } from './bank-file.type';

type Kept = Extract<BankFileOutcome, { ok: true }>['file'];

const REFUSALS = 'Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, IDEMPOTENCY_KEY_REUSED, SESSION_EXPIRED.';

/** Bank files of any length, as operators bring them. */
@Resolver(() => BankFileType)
export class BankFileResolver {
  constructor(private readonly service: BankFileService, private readonly reconciliations: ReconciliationService) {}

  @Query(() => BankFileType, { nullable: true, description: 'For operators: a bank\'s file that comes in parts, or null.' })
  async bankFile(@Arg('id', () => ID) id: string, @Ctx() context: AccountsContext): Promise<BankFileType | null> {
    operatorOf(context);
    const found = await this.service.find(id);
    return found ? toType(found) : null;
  }

  @Query(() => BankFileConnection, { description: 'For operators: the banks\' files that came in parts, the newest first; of one status where it is given.' })
  async bankFiles(@Args(() => BankFilesArgs) args: BankFilesArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<BankFileType>> {
    operatorOf(context);
    const page = pageOf(args, isIdPosition);
    const rows = await this.service.list({ status: args.status ?? undefined, limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: toType, position: ({ id }) => [id] });
  }

  @FieldResolver(() => ReconciliationType, { nullable: true, description: 'The comparison; null until the file is DONE.' })
  async reconciliation(@Root() { status, reconciliationId }: BankFileType, @Ctx() context: AccountsContext): Promise<ReconciliationType | null> {
    operatorOf(context);
    const found = status === 'DONE' && reconciliationId !== null ? await this.reconciliations.find(reconciliationId) : undefined;
    return found ? reconciliationView(found) : null;
  }

  @FieldResolver(() => AuditRecordConnection, { description: 'Who submitted it for comparison, retried it or gave it up, and that it failed, the newest first. What came of the comparison is in the breaks\' trails.' })
  auditTrail(
    @Root() { id }: BankFileType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<AuditRecordType>> {
    operatorOf(context);
    return auditConnection(args, (page) => this.service.trail(id, page));
  }

  @Mutation(() => BankFilePayload, {
    description: `For operators: begins a bank's file that is too large for one request, or gives the one of this reference. ${REFUSALS}`,
  })
  async openBankFile(@Arg('input', () => OpenBankFileInput) input: OpenBankFileInput, @Ctx() context: AccountsContext): Promise<BankFilePayload> {
    const operator = operatorOf(context);
    const read = balancesOf(input);
    return payload(read.ok ? await this.service.open(operator, { ...input, ...read.balances }) : read, context);
  }

  @Mutation(() => BankFilePayload, { description: `For operators: takes the next chunk of a bank's file. ${REFUSALS}` })
  async addBankFileChunk(@Arg('input', () => AddBankFileChunkInput) input: AddBankFileChunkInput, @Ctx() context: AccountsContext): Promise<BankFilePayload> {
    return payload(await this.service.add(operatorOf(context), input), context);
  }

  @Mutation(() => BankFilePayload, {
    description: `For operators: ends the upload and begins the comparison of the whole; comparedLines shows how far it is. ${REFUSALS}`,
  })
  async compareBankFile(@Arg('input', () => BankFileInput) { fileId }: BankFileInput, @Ctx() context: AccountsContext): Promise<BankFilePayload> {
    return payload(await this.service.compare(operatorOf(context), fileId), context);
  }

  @Mutation(() => BankFilePayload, {
    description: `For operators: lets the comparison of a file that has FAILED go on from where it was, once its cause is mended. ${REFUSALS}`,
  })
  async retryBankFile(@Arg('input', () => RetryBankFileInput) input: RetryBankFileInput, @Ctx() context: AccountsContext): Promise<BankFilePayload> {
    return payload(await this.service.retry(operatorOf(context), input), context);
  }

  @Mutation(() => BankFilePayload, { description: `For operators: gives a file up whose comparison has not begun. ${REFUSALS}` })
  async discardBankFile(@Arg('input', () => BankFileInput) { fileId }: BankFileInput, @Ctx() context: AccountsContext): Promise<BankFilePayload> {
    return payload(await this.service.discard(operatorOf(context), fileId), context);
  }
}

function payload(outcome: BankFileOutcome, { identity }: AccountsContext): BankFilePayload {
  return outcome.ok ? { bankFile: toType(outcome.file), userErrors: [] } : { userErrors: toUserErrors(outcome.refusals, identity.locale) };
}

function toType(file: Kept): BankFileType {
  const { id, reference, currency, format, status, nextChunk, lineCount, comparedLines, faults, reconciliationId, createdAt, endedAt, opening, closing } = file;
  const money = (minor: bigint) => toMoneyType({ minor, currency });
  return {
    id, reference, currency, format, status, nextChunk, lineCount, comparedLines, faults, reconciliationId, createdAt, endedAt,
    from: file.periodFrom, to: file.periodTo, openingBalance: money(opening), closingBalance: money(closing),
  };
}
