import { toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { signedInOf } from '../callers';
import type { AccountsContext } from '../loaders';
import type { SecondFactorService } from '../second-factor/second-factor.service';
import type { FactorRemovalService } from './factor-removal.service';
import {
  ConfirmSecondFactorRemovalInput,
  ConfirmSecondFactorRemovalPayload,
  KeepSecondFactorPayload,
  RequestSecondFactorRemovalInput,
  RequestSecondFactorRemovalPayload,
} from './factor-removal.type';

/** The way back for who lost the second factor and its recovery codes. */
@Resolver()
export class FactorRemovalResolver {
  constructor(private readonly factorRemovals: FactorRemovalService, private readonly secondFactors: SecondFactorService) {}

  @Mutation(() => RequestSecondFactorRemovalPayload, {
    description:
      'For who lost the authenticator app and the recovery codes: mails a code, good for ten minutes, for confirmSecondFactorRemoval. Refusals: NOT_FOUND (no such ' +
      'challenge), LIMIT_EXCEEDED, NOT_ALLOWED (an operator: whoever runs the machine helps).',
  })
  async requestSecondFactorRemoval(
    @Arg('input', () => RequestSecondFactorRemovalInput) input: RequestSecondFactorRemovalInput, @Ctx() { identity }: AccountsContext,
  ): Promise<RequestSecondFactorRemovalPayload> {
    const done = await this.factorRemovals.request({ challengeToken: input.challengeToken, traceparent: identity.traceparent });
    return done.ok ? { removesAt: done.removesAt, userErrors: [] } : { userErrors: toUserErrors(done.refusals, identity.locale) };
  }

  @Mutation(() => ConfirmSecondFactorRemovalPayload, {
    description:
      'Begins the removal of a lost second factor: it goes in seven days, in fourteen where the password is younger than that. Its owner is told, and any code of it, keepSecondFactor or another password stops it. ' +
      'Refusals: NOT_FOUND (no such challenge), WRONG_CODE, LIMIT_EXCEEDED, NOT_ALLOWED.',
  })
  async confirmSecondFactorRemoval(
    @Arg('input', () => ConfirmSecondFactorRemovalInput) input: ConfirmSecondFactorRemovalInput, @Ctx() { identity }: AccountsContext,
  ): Promise<ConfirmSecondFactorRemovalPayload> {
    const { challengeToken, code } = input;
    const done = await this.factorRemovals.confirm({ challengeToken, code, traceparent: identity.traceparent });
    return done.ok ? { removesAt: done.removesAt, userErrors: [] } : { userErrors: toUserErrors(done.refusals, identity.locale) };
  }

  @Mutation(() => KeepSecondFactorPayload, { description: 'Stops the removal of the second factor, where one is under way.' })
  async keepSecondFactor(@Ctx() context: AccountsContext): Promise<KeepSecondFactorPayload> {
    const asker = signedInOf(context);
    const done = await this.factorRemovals.keep(asker);
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    return { secondFactor: await this.secondFactors.of(asker.personId), userErrors: [] };
  }
}
