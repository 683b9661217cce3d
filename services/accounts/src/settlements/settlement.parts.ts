import type { Sealer } from '@tael/platform/seal';
import type { Bank } from '../bank/bank.port';
import { PayoutAccountService } from '../payouts/payout-account.service';
import { PayoutHoldService } from '../payouts/payout-hold.service';
import { PayoutResumptionService } from '../payouts/payout-resumption.service';
import { PayoutService } from '../payouts/payout.service';
import type { Parts } from '../services';
import type { StepUpService } from '../step-ups/step-up.service';
import { MerchantTermsService } from './merchant-terms.service';
import { OwingService } from './owing.service';
import { SettlementService } from './settlement.service';
import { SettlementViewService } from './settlement-view.service';

/** The services that settle with merchants and pay them. */
export interface SettlementServices {
  readonly settlements: SettlementService;
  readonly settlementViews: SettlementViewService;
  readonly owing: OwingService;
  readonly merchantTerms: MerchantTermsService;
  readonly payouts: PayoutService;
  readonly payoutAccounts: PayoutAccountService;
  readonly payoutHolds: PayoutHoldService;
  readonly payoutResumptions: PayoutResumptionService;
}

/** Makes the services that settle with merchants and pay them. */
export function createSettlementServices(
  { dataSource, now, sealer, settings, stepUps, bank }: Parts & { sealer: Sealer; stepUps: StepUpService; bank: Bank },
): SettlementServices {
  const shared = { dataSource, now, cutOff: settings.SETTLEMENT_CUT_OFF_MINUTES ?? 0 };
  const settlements = new SettlementService(shared);
  return {
    settlements,
    settlementViews: new SettlementViewService(shared),
    owing: new OwingService(shared),
    merchantTerms: new MerchantTermsService({ ...shared, settlements }),
    payouts: new PayoutService(shared),
    payoutAccounts: new PayoutAccountService({ ...shared, sealer, bank, stepUps }),
    payoutHolds: new PayoutHoldService(shared),
    payoutResumptions: new PayoutResumptionService({ ...shared, stepUps }),
  };
}
