import { ForPartners, partnerWithScope, type SubgraphContext, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { AddPartnerKeyInput, RetirePartnerKeyInput, SetRedirectUrisInput } from './partner.input';
import { PartnerType } from './partner.type';
import type { PartnerOutcome } from './partner-changes.service';
import type { PartnerDoorService } from './partner-door.service';
import { AddPartnerKeyPayload, RetirePartnerKeyPayload, SetRedirectUrisPayload } from './partner-payload.type';

type Context = SubgraphContext<unknown>;

const toPayload = (outcome: PartnerOutcome, context: Context): AddPartnerKeyPayload & RetirePartnerKeyPayload =>
  outcome.ok
    ? { partner: outcome.partner, userErrors: [] }
    : { userErrors: toUserErrors(outcome.refusals, context.identity.locale) };

/** What a bank asks for at its own door. Each resolver names the scope that a token needs. */
@Resolver()
export class PartnerDoorResolver {
  constructor(private readonly service: PartnerDoorService) {}

  @ForPartners()
  @Query(() => PartnerType, { description: 'For partner banks: the bank that asks. Scope partner:read.' })
  async partner(@Ctx() context: Context): Promise<PartnerType> {
    const partner = await this.service.own(partnerWithScope(context, 'partner:read'));
    if (!partner) throw new Error('the gateway signed a partner that does not exist');
    return partner;
  }

  @ForPartners()
  @Mutation(() => AddPartnerKeyPayload, {
    description:
      'For partner banks: gives the client that asks one more key, up to five, so that it can turn to it before it retires the ' +
      'old one. Scope keys:manage. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, ALREADY_EXISTS, LIMIT_EXCEEDED.',
  })
  async addPartnerKey(
    @ForPartners() @Arg('input', () => AddPartnerKeyInput) input: AddPartnerKeyInput,
    @Ctx() context: Context,
  ): Promise<AddPartnerKeyPayload> {
    const caller = partnerWithScope(context, 'keys:manage');
    const { jwk: json, certificate, proof } = input;
    return toPayload(
      await this.service.addKey(caller, { json, certificate, proof }, context.identity.traceparent),
      context,
    );
  }

  @ForPartners()
  @Mutation(() => RetirePartnerKeyPayload, {
    description:
      'For partner banks: retires a key of the client that asks for good, but never the last; the tokens that were got with it ' +
      'end at once, and no others. A retired key is answered as it is. Scope keys:manage. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async retirePartnerKey(
    @ForPartners() @Arg('input', () => RetirePartnerKeyInput) input: RetirePartnerKeyInput,
    @Ctx() context: Context,
  ): Promise<RetirePartnerKeyPayload> {
    const caller = partnerWithScope(context, 'keys:manage');
    return toPayload(await this.service.retireKey(caller, input, context.identity.traceparent), context);
  }

  @ForPartners()
  @Mutation(() => SetRedirectUrisPayload, {
    description:
      'For partner banks: sets where people may be sent back to by the client that asks, with the answer to a consent. ' +
      'Scope keys:manage. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async setRedirectUris(
    @ForPartners() @Arg('input', () => SetRedirectUrisInput) input: SetRedirectUrisInput,
    @Ctx() context: Context,
  ): Promise<SetRedirectUrisPayload> {
    const caller = partnerWithScope(context, 'keys:manage');
    return toPayload(await this.service.setRedirectUris(caller, input, context.identity.traceparent), context);
  }
}
