import { principalWithRole, type SubgraphContext } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { viewerOf } from '../merchants/merchant.resolver';
import { AskMoreOfMerchantInput, MerchantApplicationInput, RejectMerchantApplicationInput, ReviewMerchantApplicationInput } from './application.input';
import type { OnboardingLoaders } from './application.loader';
import { toPayload } from './application.resolver';
import type { Asking } from './application.store.service';
import { MerchantApplicationPayload } from './application.type';
import type { ReviewService } from './review.service';

type Context = SubgraphContext<OnboardingLoaders>;

/** Lets operators alone through. */
const reviewing = (context: Context): Asking => ({
  viewer: viewerOf(principalWithRole(context, 'OPERATOR')), traceparent: context.identity.traceparent,
});

/** What operators do about applications. */
@Resolver()
export class ReviewResolver {
  constructor(private readonly reviews: ReviewService) {}

  @Mutation(() => MerchantApplicationPayload, {
    description: 'For operators: takes an application that waits; of two at once one has it. Never one\'s own. Refusals: NOT_FOUND, NOT_ALLOWED.',
  })
  async takeMerchantApplication(
    @Arg('input', () => MerchantApplicationInput) { applicationId }: MerchantApplicationInput, @Ctx() context: Context,
  ): Promise<MerchantApplicationPayload> {
    return toPayload(await this.reviews.take(applicationId, reviewing(context)), context);
  }

  @Mutation(() => MerchantApplicationPayload, {
    description: 'For operators: gives an application back, one\'s own or that of a colleague who is away. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async releaseMerchantApplication(
    @Arg('input', () => ReviewMerchantApplicationInput) input: ReviewMerchantApplicationInput, @Ctx() context: Context,
  ): Promise<MerchantApplicationPayload> {
    return toPayload(await this.reviews.release(input, reviewing(context)), context);
  }

  @Mutation(() => MerchantApplicationPayload, {
    description: 'For the operator who has it: asks the applicant for more, and marks documents to be replaced. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async askMoreOfMerchant(
    @Arg('input', () => AskMoreOfMerchantInput) input: AskMoreOfMerchantInput, @Ctx() context: Context,
  ): Promise<MerchantApplicationPayload> {
    return toPayload(await this.reviews.askMore(input, reviewing(context)), context);
  }

  @Mutation(() => MerchantApplicationPayload, {
    description:
      'For the operator who has it: makes the merchant, ACTIVE and VERIFIED, with the applicant as its owner; or verifies the one that was named. ' +
      'Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async approveMerchantApplication(
    @Arg('input', () => ReviewMerchantApplicationInput) input: ReviewMerchantApplicationInput, @Ctx() context: Context,
  ): Promise<MerchantApplicationPayload> {
    return toPayload(await this.reviews.approve(input, reviewing(context)), context);
  }

  @Mutation(() => MerchantApplicationPayload, {
    description: 'For the operator who has it: rejects it for good. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async rejectMerchantApplication(
    @Arg('input', () => RejectMerchantApplicationInput) input: RejectMerchantApplicationInput, @Ctx() context: Context,
  ): Promise<MerchantApplicationPayload> {
    return toPayload(await this.reviews.reject(input, reviewing(context)), context);
  }
}
