import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { MerchantService } from '../merchants/merchant.service';
import { ApplicationService } from './application.service';
import { ApplicationStore, type OnboardingParts } from './application.store.service';
import { DocumentService } from './document.service';
import { ReviewService } from './review.service';
import { VerificationService } from './verification.service';

export interface OnboardingServices {
  readonly store: ApplicationStore;
  readonly applications: ApplicationService;
  readonly documents: DocumentService;
  readonly reviews: ReviewService;
  readonly verifications: VerificationService;
}

/** Makes the services of onboarding. */
export function createOnboardingServices({ merchants, ...parts }: OnboardingParts & { merchants: MerchantService }): OnboardingServices {
  const store = new ApplicationStore(parts);
  return {
    store, applications: new ApplicationService(store), documents: new DocumentService(store), reviews: new ReviewService({ store, merchants }),
    verifications: new VerificationService(parts.dataSource),
  };
}

const FORGOTTEN_AT_ONCE = 20;

/** Starts what erases the documents that are kept no longer. Every instance may run it: nobody waits for a row that another holds. */
export function startOnboardingForgetting({ reviews }: Pick<OnboardingServices, 'reviews'>, log: Logger): WorkLoop {
  return startWorkLoop({ name: 'forgetting of applications', work: () => reviews.forget(FORGOTTEN_AT_ONCE), idleMs: 300_000, log });
}
