import { type SubgraphContext, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { RegisterPartnerClientInput } from './partner.input';
import { RegisterPartnerClientPayload } from './partner-payload.type';
import type { PartnerRegistrationService } from './partner-registration.service';

/** How a bank comes in: it has no token yet, so it asks at the door of everybody, with the code of its invitation. */
@Resolver()
export class PartnerRegistrationResolver {
  constructor(private readonly service: PartnerRegistrationService) {}

  @Mutation(() => RegisterPartnerClientPayload, {
    description:
      'For whoever has an invitation: registers a client of an invited bank with its public keys; the invitation is used up. ' +
      'Refusals: INVALID_INPUT, NOT_FOUND, ALREADY_EXISTS.',
  })
  async registerPartnerClient(
    @Arg('input', () => RegisterPartnerClientInput) input: RegisterPartnerClientInput,
    @Ctx() { identity }: SubgraphContext<unknown>,
  ): Promise<RegisterPartnerClientPayload> {
    const { invitation, jwks: json, certificate, proof: proofs } = input;
    const outcome = await this.service.register({ invitation, json, certificate, proofs }, identity.traceparent);
    if (!outcome.ok) return { userErrors: toUserErrors(outcome.refusals, identity.locale) };
    const { partner, clientId } = outcome;
    return { partnerId: partner.id, client: partner.clients.find(({ id }) => id === clientId), userErrors: [] };
  }
}
