import {
  type ConnectionOf,
  PageArgs,
  pageOf,
  principalWithRole,
  type SubgraphContext,
  toConnection,
  toUserErrors,
} from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { toTrail } from '../audit/audit.view';
import { AuditEntryConnection, type AuditEntryType } from '../audit/audit-entry.type';
import {
  InvitePartnerInput,
  RenewPartnerInvitationInput,
  ResumePartnerInput,
  RevokePartnerKeyInput,
  SetPartnerRateInput,
  SuspendPartnerInput,
} from './partner.input';
import type { PartnerLoaders } from './partner.loader';
import type { InvitationCode, PartnerService } from './partner.service';
import { PartnerConnection, PartnerType } from './partner.type';
import type { Asking, PartnerOutcome } from './partner-changes.service';
import {
  InvitePartnerPayload,
  RenewPartnerInvitationPayload,
  ResumePartnerPayload,
  RevokePartnerKeyPayload,
  SetPartnerRatePayload,
  SuspendPartnerPayload,
} from './partner-payload.type';

type Context = SubgraphContext<PartnerLoaders>;

/** Lets operators alone through, and says in whose name the change is made. */
function askingOf(context: Context): Asking {
  const { personId } = principalWithRole(context, 'OPERATOR');
  return { actor: { kind: 'PERSON', id: personId }, traceparent: context.identity.traceparent };
}

const toPayload = (outcome: PartnerOutcome<{ invitation?: InvitationCode }>, context: Context): InvitePartnerPayload =>
  outcome.ok
    ? { partner: outcome.partner, invitation: outcome.invitation, userErrors: [] }
    : { userErrors: toUserErrors(outcome.refusals, context.identity.locale) };

const isPosition = (position: readonly string[]): boolean => position.length === 1 && isUuid(position[0]);

/** What operators see of partner banks and do about them. Nothing here is marked for partners. */
@Resolver(() => PartnerType)
export class PartnerResolver {
  constructor(private readonly service: PartnerService) {}

  @Query(() => PartnerType, { nullable: true, description: 'For operators: a partner bank, or null.' })
  async partnerById(@Arg('id', () => ID) id: string, @Ctx() context: Context): Promise<PartnerType | null> {
    principalWithRole(context, 'OPERATOR');
    return context.loaders.partner.load(id);
  }

  @Query(() => PartnerConnection, {
    description: 'For operators: the partner banks, in the order of their invitation.',
  })
  async partners(@Args(() => PageArgs) args: PageArgs, @Ctx() context: Context): Promise<ConnectionOf<PartnerType>> {
    principalWithRole(context, 'OPERATOR');
    const page = pageOf(args, isPosition);
    const rows = await this.service.list({ limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: (row) => row, position: (row) => [row.id] });
  }

  @FieldResolver(() => AuditEntryConnection, {
    description: 'For operators: every change of the partner, the newest first.',
  })
  async auditTrail(
    @Root() partner: PartnerType,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: Context,
  ): Promise<ConnectionOf<AuditEntryType>> {
    principalWithRole(context, 'OPERATOR');
    const page = pageOf(args, isPosition);
    const rows = await this.service.trail(partner.id, { limit: page.limit + 1, after: page.after?.[0] });
    return toTrail(rows, page);
  }

  @Mutation(() => InvitePartnerPayload, {
    description:
      'For operators: takes a bank in. The code with which it registers is shown once, and holds for seven days. One of the environment ' +
      'SANDBOX is refused where the platform lets none in (production, unless told). Refusals: INVALID_INPUT, NOT_ALLOWED.',
  })
  async invitePartner(
    @Arg('input', () => InvitePartnerInput) input: InvitePartnerInput,
    @Ctx() context: Context,
  ): Promise<InvitePartnerPayload> {
    return toPayload(await this.service.invite(input, askingOf(context)), context);
  }

  @Mutation(() => RenewPartnerInvitationPayload, {
    description:
      'For operators: gives a new code, where the last was lost or has expired, or for one more client. Codes that were not ' +
      'used end. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async renewPartnerInvitation(
    @Arg('input', () => RenewPartnerInvitationInput) input: RenewPartnerInvitationInput,
    @Ctx() context: Context,
  ): Promise<RenewPartnerInvitationPayload> {
    const asking = askingOf(context);
    return toPayload(
      await this.service.renewInvitation({ ...input, scopes: input.scopes ?? undefined }, asking),
      context,
    );
  }

  @Mutation(() => SuspendPartnerPayload, {
    description:
      'For operators: shuts a bank out; tokens that it has end at once. A suspended one is answered as it is. Refusals: INVALID_INPUT, NOT_FOUND.',
  })
  async suspendPartner(
    @Arg('input', () => SuspendPartnerInput) input: SuspendPartnerInput,
    @Ctx() context: Context,
  ): Promise<SuspendPartnerPayload> {
    return toPayload(await this.service.setStatus(input, 'SUSPENDED', askingOf(context)), context);
  }

  @Mutation(() => ResumePartnerPayload, {
    description:
      'For operators: lets a suspended bank back in; it asks for new tokens. An active one is answered as it is. ' +
      'Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async resumePartner(
    @Arg('input', () => ResumePartnerInput) input: ResumePartnerInput,
    @Ctx() context: Context,
  ): Promise<ResumePartnerPayload> {
    return toPayload(await this.service.setStatus(input, 'ACTIVE', askingOf(context)), context);
  }

  @Mutation(() => SetPartnerRatePayload, {
    description: "For operators: sets what a bank's door may be asked for. Refusals: INVALID_INPUT, NOT_FOUND.",
  })
  async setPartnerRate(
    @Arg('input', () => SetPartnerRateInput) input: SetPartnerRateInput,
    @Ctx() context: Context,
  ): Promise<SetPartnerRatePayload> {
    return toPayload(await this.service.setRate(input, askingOf(context)), context);
  }

  @Mutation(() => RevokePartnerKeyPayload, {
    description:
      'For operators: revokes a key for good; the tokens that were got with it end at once. With the last key the client is revoked, ' +
      'and the bank needs a new invitation. Refusals: INVALID_INPUT, NOT_FOUND.',
  })
  async revokePartnerKey(
    @Arg('input', () => RevokePartnerKeyInput) input: RevokePartnerKeyInput,
    @Ctx() context: Context,
  ): Promise<RevokePartnerKeyPayload> {
    return toPayload(await this.service.revokeKey(input, askingOf(context)), context);
  }
}
