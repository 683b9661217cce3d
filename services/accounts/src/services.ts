import type { Logger } from '@tael/platform/log';
import { createSealer, type Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import type { AccountsEnv } from './env';
import { adjustmentHandler } from './adjustments/adjustment.handler';
import type { ApprovalHandler } from './approvals/approval.handler';
import { ApprovalService } from './approvals/approval.service';
import { BankFileService } from './bank-files/bank-file.service';
import { BankFileWorkService } from './bank-files/bank-file-work.service';
import { BreakService } from './breaks/break.service';
import { writeOffHandler } from './breaks/write-off.handler';
import { debtWriteOffHandler } from './debts/debt-write-off.handler';
import { DebtViewService } from './debts/debt-view.service';
import { DebtService } from './debts/debt.service';
import { DisputeDocumentService } from './dispute-documents/dispute-document.service';
import { ReconciliationService } from './reconciliations/reconciliation.service';
import { HistoryImportService } from './history-imports/history-import.service';
import { HistoryKeepingService } from './history-imports/history-keeping.service';
import { HistoryWorkService } from './history-imports/history-work.service';
import { PartnerAccountService } from './partner-accounts/partner-account.service';
import { AuthorizationStateService } from './authorization/authorization-state.service';
import { ConsentDialogService } from './authorization/consent-dialog.service';
import { ConsentOrderService } from './consents/consent-order.service';
import { ConsentOrderWorkService } from './consents/consent-order-work.service';
import { ConsentRecordService } from './consents/consent-record.service';
import { ConsentService } from './consents/consent.service';
import { CustomerService } from './consents/customer.service';
import { AuthorizationArtifactService } from './authorization/authorization-artifact.service';
import { PartnerClientService } from './partners/partner-client.service';
import { PartnerUseService } from './partners/partner-use.service';
import { createPaymentServices, type PaymentServices } from './payments/payment.parts';
import { createSettlementServices, type SettlementServices } from './settlements/settlement.parts';
import { FeeScheduleService } from './fees/fee-schedule.service';
import { limitRaiseHandler } from './limits/limit-raise.handler';
import { LimitVersionService } from './limits/limit-version.service';
import { merchantWriteOffHandler } from './settlements/merchant-write-off.handler';
import { payoutByHand } from './payouts/payout-by-hand.handler';
import { createPeopleServices, type PeopleServices } from './people/people.parts';

/** What the app needs of the settings; no address of a database or a bus among them. */
export type AppSettings = Pick<
  AccountsEnv,
  | 'IDENTITY_KEYS' | 'SEAL_KEYS' | 'TOKEN_SIGNING_KEYS' | 'TOKEN_ISSUER' | 'TOKEN_AUDIENCE' | 'CARD_FINGERPRINT_KEYS'
  | 'CARD_PROCESSOR_URL' | 'CARD_PROCESSOR_SECRET' | 'CARD_PROCESSOR_NOTICE_KEYS' | 'BANK_URL' | 'BANK_SIGNING_KEYS' | 'SIGN_UPS_PER_HOUR' | 'SIGN_INS_PER_HOUR'
  | 'FAILED_SIGN_INS_PER_15_MINUTES' | 'FAILED_RECIPIENTS_PER_HOUR' | 'SECOND_FACTOR_ROLES'
  | 'PARTNER_ISSUER' | 'PARTNER_AUDIENCE' | 'FAILED_CLIENT_SIGN_INS_PER_15_MINUTES'
> & Partial<Pick<AccountsEnv, 'SETTLEMENT_CUT_OFF_MINUTES' | 'FAILED_SIGN_INS_PER_DAY' | 'PARTNER_TLS_ISSUER' | 'PARTNER_SUBJECT_KEY'>>;

/** What the services of accounts are made of. */
export interface Parts {
  readonly dataSource: DataSource;
  readonly log: Logger;
  readonly settings: AppSettings;
  readonly now: () => Date;
  /** The time of the world outside: that of `now`, but in a sandbox whose clock was moved. */
  readonly real?: () => Date;
}

export interface AccountsServices extends PeopleServices, PaymentServices, SettlementServices {
  readonly sealer: Sealer;
  readonly operatorRequests: ApprovalService;
  readonly reconciliations: ReconciliationService;
  readonly breaks: BreakService;
  readonly debts: DebtService;
  readonly debtViews: DebtViewService;
  readonly disputeDocuments: DisputeDocumentService;
  readonly limitVersions: LimitVersionService;
  readonly feeSchedules: FeeScheduleService;
  readonly bankFiles: BankFileService;
  readonly bankFileWork: BankFileWorkService;
  readonly historyImports: HistoryImportService;
  readonly historyWork: HistoryWorkService;
  readonly historyKeeping: HistoryKeepingService;
  readonly partnerAccounts: PartnerAccountService;
  readonly partnerClients: PartnerClientService;
  readonly partnerUse: PartnerUseService;
  readonly artifacts: AuthorizationArtifactService;
  readonly states: AuthorizationStateService;
  readonly consents: ConsentService;
  readonly consentRecords: ConsentRecordService;
  readonly consentOrders: ConsentOrderService;
  readonly consentOrderWork: ConsentOrderWorkService;
  readonly dialogs: ConsentDialogService;
  readonly customers: CustomerService;
}

/** Who carries out what two operators have decided, a handler a kind. */
const APPROVAL_HANDLERS: readonly ApprovalHandler[] = [adjustmentHandler, writeOffHandler, debtWriteOffHandler, merchantWriteOffHandler, limitRaiseHandler];

/** Makes every service of accounts; resolvers, consumers and loops share them. */
export function createServices(parts: Parts): AccountsServices {
  const sealer = createSealer(parts.settings.SEAL_KEYS);
  const payments = createPaymentServices({ ...parts, sealer });
  const partners = { partnerClients: new PartnerClientService(parts), partnerUse: new PartnerUseService(parts), artifacts: new AuthorizationArtifactService(parts.dataSource) };
  const own = { ...parts, sealer };
  const people = createPeopleServices({ ...own, stepUps: payments.stepUps });
  const settlement = createSettlementServices({ ...own, stepUps: payments.stepUps, bank: people.bank });
  const operatorRequests = new ApprovalService({ ...parts, stepUps: payments.stepUps, handlers: [...APPROVAL_HANDLERS, payoutByHand(settlement.payouts)] });
  const consents = { states: new AuthorizationStateService(parts.dataSource), consents: new ConsentService(own) };
  return {
    sealer, ...partners, ...people, ...payments, ...settlement, ...consents,
    consentRecords: new ConsentRecordService(own), consentOrders: new ConsentOrderService(own), consentOrderWork: new ConsentOrderWorkService(parts),
    dialogs: new ConsentDialogService({ ...own, ...partners, ...people, ...consents }), customers: new CustomerService({ ...parts, subjectKey: parts.settings.PARTNER_SUBJECT_KEY }),
    operatorRequests, reconciliations: new ReconciliationService(parts), breaks: new BreakService({ ...parts, approvals: operatorRequests }),
    debts: new DebtService(parts), debtViews: new DebtViewService(parts),
    disputeDocuments: new DisputeDocumentService(own),
    limitVersions: new LimitVersionService(parts), feeSchedules: new FeeScheduleService(parts),
    bankFiles: new BankFileService(parts), bankFileWork: new BankFileWorkService(parts),
    historyImports: new HistoryImportService(own), historyWork: new HistoryWorkService(own), historyKeeping: new HistoryKeepingService(own), partnerAccounts: new PartnerAccountService(own),
  };
}
