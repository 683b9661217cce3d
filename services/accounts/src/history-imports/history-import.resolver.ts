import { type ConnectionOf, ForPartners, PageArgs, pageOf, partnerWithScope, toConnection, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { AccountsContext } from '../loaders';
import type { Outcome } from '../outcomes/outcome.domain';
import { AddHistoryChunkInput, ApplyHistoryImportInput, HistoryImportInput, OpenHistoryImportInput } from './history-import.input';
import type { HistoryImport } from './history-import.domain';
import type { HistoryImportService } from './history-import.service';
import { HistoryImportPayload, HistoryImportType, HistoryProblemConnection, type HistoryProblemType } from './history-import.type';

const SCOPE = 'history:import';
const SAID = 'For partner banks. Scope history:import.';

const toType = (found: HistoryImport): HistoryImportType => ({ ...found, found });

/** Imports as a bank sees its own. */
@Resolver(() => HistoryImportType)
export class HistoryImportResolver {
  constructor(private readonly service: HistoryImportService) {}

  @ForPartners()
  @Query(() => HistoryImportType, { nullable: true, description: `An import of the bank that asks, or null. ${SAID}` })
  async historyImport(@ForPartners() @Arg('id', () => ID) id: string, @Ctx() context: AccountsContext): Promise<HistoryImportType | undefined> {
    const found = await this.service.read(partnerWithScope(context, SCOPE), id);
    return found && toType(found);
  }

  @FieldResolver(() => HistoryProblemConnection, { description: 'What is wrong, in the order of the file.' })
  async problems(@Root() { found }: HistoryImportType, @Args(() => PageArgs) args: PageArgs): Promise<ConnectionOf<HistoryProblemType>> {
    const page = pageOf(args, (position) => position.length === 1 && /^\d{1,9}$/.test(position[0]!));
    const rows = await this.service.problems(found, { limit: page.limit, after: page.after ? Number(page.after[0]) : undefined });
    return toConnection(rows, page, { node: (row) => row, position: ({ line }) => [String(line)] });
  }

  @ForPartners()
  @Mutation(() => HistoryImportPayload, { description: `Begins an import, or gives the one of this reference. ${SAID} Refusals: INVALID_INPUT, IDEMPOTENCY_KEY_REUSED, LIMIT_EXCEEDED (three open uploads).` })
  openHistoryImport(@ForPartners() @Arg('input', () => OpenHistoryImportInput) input: OpenHistoryImportInput, @Ctx() context: AccountsContext): Promise<HistoryImportPayload> {
    return payload(context, this.service.open(partnerWithScope(context, SCOPE), input));
  }

  @ForPartners()
  @Mutation(() => HistoryImportPayload, { description: `Takes the next chunk of the file. ${SAID} Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, IDEMPOTENCY_KEY_REUSED, LIMIT_EXCEEDED (five million lines, 50,000 chunks).` })
  addHistoryChunk(@ForPartners() @Arg('input', () => AddHistoryChunkInput) input: AddHistoryChunkInput, @Ctx() context: AccountsContext): Promise<HistoryImportPayload> {
    return payload(context, this.service.add(partnerWithScope(context, SCOPE), input.importId, { number: input.number, text: input.csv }));
  }

  @ForPartners()
  @Mutation(() => HistoryImportPayload, { description: `Ends the upload and begins the dry run: nothing is booked. ${SAID} Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.` })
  checkHistoryImport(@ForPartners() @Arg('input', () => HistoryImportInput) input: HistoryImportInput, @Ctx() context: AccountsContext): Promise<HistoryImportPayload> {
    return payload(context, this.service.check(partnerWithScope(context, SCOPE), input.importId));
  }

  @ForPartners()
  @Mutation(() => HistoryImportPayload, { description: `Begins the booking of a CHECKED import. ${SAID} Refusals: NOT_FOUND, NOT_ALLOWED.` })
  applyHistoryImport(@ForPartners() @Arg('input', () => ApplyHistoryImportInput) input: ApplyHistoryImportInput, @Ctx() context: AccountsContext): Promise<HistoryImportPayload> {
    return payload(context, this.service.apply(partnerWithScope(context, SCOPE), input));
  }

  @ForPartners()
  @Mutation(() => HistoryImportPayload, { description: `Gives an import up that is not being booked. ${SAID} Refusals: NOT_FOUND, NOT_ALLOWED.` })
  discardHistoryImport(@ForPartners() @Arg('input', () => HistoryImportInput) input: HistoryImportInput, @Ctx() context: AccountsContext): Promise<HistoryImportPayload> {
    return payload(context, this.service.discard(partnerWithScope(context, SCOPE), input.importId));
  }
}

async function payload({ identity }: AccountsContext, outcome: Promise<Outcome<{ historyImport: HistoryImport }>>): Promise<HistoryImportPayload> {
  const done = await outcome;
  return done.ok ? { historyImport: toType(done.historyImport), userErrors: [] } : { userErrors: toUserErrors(done.refusals, identity.locale) };
}
