import { type ConnectionOf, PageArgs, pageOf, toConnection, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { AuditRecordConnection, type AuditRecordType } from '../audit/audit-record.type';
import { auditConnection, isIdPosition } from '../audit/audit-record.view';
import { operatorOf } from '../callers';
import type { AccountsContext } from '../loaders';
import type { ConsentRecordService } from './consent-record.service';
import { ConsentRecordConnection, ConsentRecordsArgs, ConsentRecordType, EndConsentInput, EndConsentPayload } from './consent-record.type';

/** What people let banks see, as operators see and end it. */
@Resolver(() => ConsentRecordType)
export class ConsentRecordResolver {
  constructor(private readonly service: ConsentRecordService) {}

  @Query(() => ConsentRecordType, { nullable: true, description: 'For operators: a consent of anybody\'s, or null.' })
  async consent(@Arg('id', () => ID) id: string, @Ctx() context: AccountsContext): Promise<ConsentRecordType | null> {
    operatorOf(context);
    return (await this.service.find(id)) ?? null;
  }

  @Query(() => ConsentRecordConnection, { description: 'For operators: what people let banks see of theirs, or did, the newest first.' })
  async consents(@Args(() => ConsentRecordsArgs) args: ConsentRecordsArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<ConsentRecordType>> {
    operatorOf(context);
    const page = pageOf(args, isIdPosition);
    const { partnerId, personId, status } = args;
    const rows = await this.service.list({
      partnerId: partnerId ?? undefined, personId: personId ?? undefined, status: status ?? undefined, limit: page.limit + 1, after: page.after?.[0],
    });
    return toConnection(rows, page, { node: (row) => row, position: ({ id }) => [id] });
  }

  @FieldResolver(() => AuditRecordConnection, { description: 'What operators did about it and why, the newest first.' })
  auditTrail(
    @Root() { id }: ConsentRecordType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<AuditRecordType>> {
    operatorOf(context);
    return auditConnection(args, (page) => this.service.trail(id, page));
  }

  @Mutation(() => EndConsentPayload, {
    description:
      'For operators: ends a consent; the next request of the bank finds nothing, and the person is told. One that has ended already is answered as it is. ' +
      'Refusals: INVALID_INPUT, NOT_FOUND, SESSION_EXPIRED.',
  })
  async endConsent(@Arg('input', () => EndConsentInput) input: EndConsentInput, @Ctx() context: AccountsContext): Promise<EndConsentPayload> {
    const done = await this.service.end(operatorOf(context), input);
    return done.ok ? { consent: done.consent, userErrors: [] } : { userErrors: toUserErrors(done.refusals, context.identity.locale) };
  }
}
