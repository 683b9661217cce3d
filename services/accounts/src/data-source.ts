import { createDataSource, type Migration, type TableRights } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { ApprovalEntity } from './approvals/approval.entity';
import { AuditEntryEntity } from './audit/audit-entry.entity';
import { BankFileChunkEntity, BankFileEntity, BankFileLineEntity, BankFileOwnEntity } from './bank-files/bank-file.entity';
import { BankFiles1795420000000 } from './migrations/1795420000000-bank-files';
import { BankFileFaults1795870000000 } from './migrations/1795870000000-bank-file-faults';
import { BankFileFaultsValidated1795870000001 } from './migrations/1795870000001-bank-file-faults-validated';
import { ShownLines1795420000001 } from './migrations/1795420000001-shown-lines';
import { LinesByDay1795420000002 } from './migrations/1795420000002-lines-by-day';
import { StatementLinesOfOrder1795420000003 } from './migrations/1795420000003-statement-lines-of-order';
import { BreakEntity } from './breaks/break.entity';
import { ChargeNoticeEntity } from './charge-notices/charge-notice.entity';
import { ReconciliationEntity, ReconciliationLineEntity } from './reconciliations/reconciliation.entity';
import { BankOrderEntity } from './bank-orders/bank-order.entity';
import { BankStatementCursorEntity, BankStatementLineEntity } from './bank-orders/bank-statement.entity';
import { AuthorizationStateEntity, ConsentDialogEntity } from './authorization/authorization-state.entity';
import { ConsentChangeEntity, ConsentEntity, PartnerSubjectEntity } from './consents/consent.entity';
import { ConsentOrderEntity } from './consents/consent-order.entity';
import { Consents1795370000000 } from './migrations/1795370000000-consents';
import { ConsentsEnded1795600000000 } from './migrations/1795600000000-consents-ended';
import { ConsentsEndedValidated1795600000001 } from './migrations/1795600000001-consents-ended-validated';
import { ConsentsOfPartner1795600000002 } from './migrations/1795600000002-consents-of-partner';
import { ConsentOrders1795810000000 } from './migrations/1795810000000-consent-orders';
import { StandingConsentsOfPartner1795810000001 } from './migrations/1795810000001-standing-consents-of-partner';
import { StandingConsents1795810000002 } from './migrations/1795810000002-standing-consents';
import { WithdrawnConsentsOfPartner1795810000003 } from './migrations/1795810000003-withdrawn-consents-of-partner';
import { WithdrawnConsents1795810000004 } from './migrations/1795810000004-withdrawn-consents';
import { AuthorizationArtifactEntity } from './authorization/authorization-artifact.entity';
import {
  DisputeDocumentChunkEntity, DisputeDocumentCountEntity, DisputeDocumentEntity, WithdrawnDisputeDocumentEntity,
} from './dispute-documents/dispute-document.entity';
import { DisputeEntity } from './disputes/dispute.entity';
import { FeeWaiverBudgetEntity, FeeWaiverOfferEntity, FeeWaiverUseEntity } from './fee-waivers/fee-waiver.entity';
import { FeeScheduleEntity } from './fees/fee-schedule.entity';
import {
  HistoryAccountEntity, HistoryChunkEntity, HistoryImportEntity, HistoryLineEntity, HistoryProblemEntity, PartnerAccountEntity,
} from './history-imports/history-import.entity';
import { IdempotencyEntity } from './idempotency/idempotency.entity';
import { AccountEntity, AssetEntity } from './ledger/account.entity';
import { EntryEntity, LedgerTxEntity, PendingDeltaEntity, PostingEntity } from './ledger/ledger.entity';
import { LimitCounterEntity, LimitDefinitionEntity } from './limits/limit.entity';
import { PayoutAccountEntity } from './payouts/payout-account.entity';
import { PayoutResumptionEntity } from './payouts/payout-resumption.entity';
import { MerchantTermsEntity, SettlementCursorEntity, SettlementEntity } from './settlements/settlement.entity';
import { Settlements1795380000000 } from './migrations/1795380000000-settlements';
import { SettlementsValidated1795380000001 } from './migrations/1795380000001-settlements-validated';
import { SettlementInflows1795380000002 } from './migrations/1795380000002-settlement-inflows';
import { PayoutUnderWay1795380000003 } from './migrations/1795380000003-payout-under-way';
import { PayoutsOfMerchant1795380000004 } from './migrations/1795380000004-payouts-of-merchant';
import { FirstPaymentOffers1795440000000 } from './migrations/1795440000000-first-payment-offers';
import { ExpectedBalances1795450000000 } from './migrations/1795450000000-expected-balances';
import { PaymentOpen1795390000000 } from './migrations/1795390000000-payment-open';
import { VerifiedMerchants1795410000000 } from './migrations/1795410000000-verified-merchants';
import { PayoutResumptions1795410000001 } from './migrations/1795410000001-payout-resumptions';
import { PayoutResumptionsValidated1795410000002 } from './migrations/1795410000002-payout-resumptions-validated';
import { FormerOwnerEntity } from './merchants/former-owner.entity';
import { MerchantCopyEntity } from './merchants/merchant-copy.entity';
import { Ledger1795360000000 } from './migrations/1795360000000-ledger';
import { People1795360050000 } from './migrations/1795360050000-people';
import { Payments1795360100000 } from './migrations/1795360100000-payments';
import { QuotePromises1795360200000 } from './migrations/1795360200000-quote-promises';
import { PaymentBatches1795360300000 } from './migrations/1795360300000-payment-batches';
import { SecondFactor1795360400000 } from './migrations/1795360400000-second-factor';
import { PartnerEnvironments1795362550000 } from './migrations/1795362550000-partner-environments';
import { PartnerEnvironmentsValidated1795362550001 } from './migrations/1795362550001-partner-environments-validated';
import { EndedSessions1795360500000 } from './migrations/1795360500000-ended-sessions';
import { OwnMerchants1795360550000 } from './migrations/1795360550000-own-merchants';
import { AppendOnlyKeys1795360600000 } from './migrations/1795360600000-append-only-keys';
import { Checkpoints1795360700000 } from './migrations/1795360700000-checkpoints';
import { KeysThatTurn1795360800000 } from './migrations/1795360800000-keys-that-turn';
import { LedgerColumns1795360900000 } from './migrations/1795360900000-ledger-columns';
import { Statements1795361300000 } from './migrations/1795361300000-statements';
import { HistoryImports1795361400000 } from './migrations/1795361400000-history-imports';
import { HistoryImportsValidated1795361400001 } from './migrations/1795361400001-history-imports-validated';
import { Bank1795361100000 } from './migrations/1795361100000-bank';
import { BankValidated1795361100001 } from './migrations/1795361100001-bank-validated';
import { LimitVersions1795430000000 } from './migrations/1795430000000-limit-versions';
import { FeeScheduleChanges1795600000003 } from './migrations/1795600000003-fee-schedule-changes';
import { CashierDays1795730500000 } from './migrations/1795730500000-cashier-days';
import { DisputedShare1795720000000 } from './migrations/1795720000000-disputed-share';
import { Debts1795740000000 } from './migrations/1795740000000-debts';
import { DebtsValidated1795740000001 } from './migrations/1795740000001-debts-validated';
import { OpenDebts1795740000002 } from './migrations/1795740000002-open-debts';
import { DebtsByAge1795740000003 } from './migrations/1795740000003-debts-by-age';
import { FrozenWallets1795730000000 } from './migrations/1795730000000-frozen-wallets';
import { FrozenWalletsValidated1795730000001 } from './migrations/1795730000001-frozen-wallets-validated';
import { FoldById1795690000000 } from './migrations/1795690000000-fold-by-id';
import { FoldApart1795710000000 } from './migrations/1795710000000-fold-apart';
import { HistoryTurnover1795710000001 } from './migrations/1795710000001-history-turnover';
import { HistoryFaults1795710000002 } from './migrations/1795710000002-history-faults';
import { HistoryPieces1795760000000 } from './migrations/1795760000000-history-pieces';
import { FoldAlone1795760000001 } from './migrations/1795760000001-fold-alone';
import { MerchantOwing1795770000000 } from './migrations/1795770000000-merchant-owing';
import { AllDebts1795800000000 } from './migrations/1795800000000-all-debts';
import { OwedToOwnShops1795800000001 } from './migrations/1795800000001-owed-to-own-shops';
import { HistoryKeeping1795840000000 } from './migrations/1795840000000-history-keeping';
import { HistoriesToClear1795840000001 } from './migrations/1795840000001-histories-to-clear';
import { ChargeNotices1795820000000 } from './migrations/1795820000000-charge-notices';
import { ChargeBacks1795820000001 } from './migrations/1795820000001-charge-backs';
import { ChargeBacksValidated1795820000002 } from './migrations/1795820000002-charge-backs-validated';
import { OpenCardDebts1795820000003 } from './migrations/1795820000003-open-card-debts';
import { CardDebtsByAge1795820000004 } from './migrations/1795820000004-card-debts-by-age';
import { CardDebtsAtOwnShops1795850000000 } from './migrations/1795850000000-card-debts-at-own-shops';
import { AllCardDebts1795850000001 } from './migrations/1795850000001-all-card-debts';
import { FoldById1795865000000 } from './migrations/1795865000000-fold-by-id';
import { OwingMerchants1795866000000 } from './migrations/1795866000000-owing-merchants';
import { Operators1795890000000 } from './migrations/1795890000000-operators';
import { RevokedRoles1795890000001 } from './migrations/1795890000001-revoked-roles';
import { RevokedRolesValidated1795890000002 } from './migrations/1795890000002-revoked-roles-validated';
import { FormerOwners1795830000000 } from './migrations/1795830000000-former-owners';
import { LimitVersionsValidated1795430000001 } from './migrations/1795430000001-limit-versions-validated';
import { Approvals1795362300000 } from './migrations/1795362300000-approvals';
import { ApprovalsValidated1795362300001 } from './migrations/1795362300001-approvals-validated';
import { Reconciliations1795362310000 } from './migrations/1795362310000-reconciliations';
import { PartnerClients1795361000000 } from './migrations/1795361000000-partner-clients';
import { PartnerClientCopyEntity, PartnerCopyEntity, PartnerKeyRefusalEntity } from './partners/partner-copy.entity';
import { PartnerUseEntity } from './partners/partner-use.entity';
import { Cashiers1795361200000 } from './migrations/1795361200000-cashiers';
import { PaymentCodes1795361200001 } from './migrations/1795361200001-payment-codes';
import { Disputes1795362450000 } from './migrations/1795362450000-disputes';
import { DisputeDocuments1795500000000 } from './migrations/1795500000000-dispute-documents';
import { WithdrawnDisputeDocuments1795750000000 } from './migrations/1795750000000-withdrawn-dispute-documents';
import { RemovedEvidence1795750000001 } from './migrations/1795750000001-removed-evidence';
import { KeptEvidence1795750000002 } from './migrations/1795750000002-kept-evidence';
import { WrongSums1795750000003 } from './migrations/1795750000003-wrong-sums';
import { PaymentMethodEntity } from './payment-methods/payment-method.entity';
import { PaymentCodeEntity, PaymentCodeUseEntity } from './payments/payment-code.entity';
import { PersonCounterEntity } from './payments/person-counter.entity';
import { CredentialEntity } from './people/credential.entity';
import { PasswordResetEntity } from './password-resets/password-reset.entity';
import { PersonEntity } from './people/person.entity';
import { QuotePromiseEntity } from './quotes/quote-promise.entity';
import { RefundPersonEntity } from './refunds/refund-person.entity';
import { RefundPeople1795810000005 } from './migrations/1795810000005-refund-people';
import { RefundGuardEntity } from './refunds/refund-guard.entity';
import { RewardDebtEntity, RewardGrantEntity, RewardReversalEntity } from './reward-postings/reward-posting.entity';
import { RecoveryCodeEntity, SignInChallengeEntity, TotpFactorEntity } from './second-factor/second-factor.entity';
import { AttemptWindowEntity } from './sessions/attempt.entity';
import { DeviceEntity } from './sessions/device.entity';
import { PartnerKeyRefusals1795930000000 } from './migrations/1795930000000-partner-key-refusals';
import { SessionsEndedByOperators1795986000000 } from './migrations/1795986000000-sessions-ended-by-operators';
import { SessionsEndedByOperatorsValidated1795986000001 } from './migrations/1795986000001-sessions-ended-by-operators-validated';
import { PartnerRateChanges1795987000000 } from './migrations/1795987000000-partner-rate-changes';
import { FactorRemovals1796060000000 } from './migrations/1796060000000-factor-removals';
import { DevicesAtTheDoor1796090000000 } from './migrations/1796090000000-devices-at-the-door';
import { DevicesAtTheDoorValidated1796090000001 } from './migrations/1796090000001-devices-at-the-door-validated';
import { DevicesBySignInName1796090000002 } from './migrations/1796090000002-devices-by-sign-in-name';
import { GrantOpen1796100000000 } from './migrations/1796100000000-grant-open';
import { PartnerCostMax1796070000000 } from './migrations/1796070000000-partner-cost-max';
import { PartnerUse1796070000001 } from './migrations/1796070000001-partner-use';
import { FactorRemovalEntity } from './factor-removals/factor-removal.entity';
import { NetworksThatAreForgotten1795989000000 } from './migrations/1795989000000-networks-that-are-forgotten';
import { PasswordResets1795985000000 } from './migrations/1795985000000-password-resets';
import { Devices1795880000000 } from './migrations/1795880000000-devices';
import { KnownDeviceEntity } from './sessions/known-device.entity';
import { RefreshTokenEntity, SessionEntity } from './sessions/session.entity';
import { StepUpEntity, StepUpLimitEntity } from './step-ups/step-up.entity';
import { TopUpEntity } from './top-ups/top-up.entity';
import { WalletEntity } from './wallets/wallet.entity';
import { PersonLinks1795900000000 } from './migrations/1795900000000-person-links';
import { MethodsByEnding1795900000001 } from './migrations/1795900000001-methods-by-ending';
import { MerchantWriteOffs1795920000000 } from './migrations/1795920000000-merchant-write-offs';
import { MerchantWriteOffsValidated1795920000001 } from './migrations/1795920000001-merchant-write-offs-validated';
import { MerchantWriteOffsOfMerchant1795920000002 } from './migrations/1795920000002-merchant-write-offs-of-merchant';
import { PersonLinkEntity, SameBankAccountEntity } from './person-links/person-link.entity';
import { WalletFreezeEntity } from './wallets/wallet-freeze.entity';

/** Every table's row class, by name. */
const entities: readonly (new () => object)[] = [
  AssetEntity, AccountEntity, LedgerTxEntity, PostingEntity, EntryEntity, PendingDeltaEntity, IdempotencyEntity,
  PersonCounterEntity, FeeScheduleEntity, LimitDefinitionEntity, LimitCounterEntity, MerchantCopyEntity,
  FeeWaiverOfferEntity, FeeWaiverBudgetEntity, FeeWaiverUseEntity, QuotePromiseEntity, RefundGuardEntity,
  RefundPersonEntity, FormerOwnerEntity,
  RewardGrantEntity, RewardReversalEntity, RewardDebtEntity,
  PersonEntity, CredentialEntity, SessionEntity, RefreshTokenEntity, AttemptWindowEntity, WalletEntity,
  PaymentMethodEntity, TopUpEntity, KnownDeviceEntity, DeviceEntity, TotpFactorEntity, RecoveryCodeEntity, SignInChallengeEntity, FactorRemovalEntity, PasswordResetEntity,
  StepUpEntity, StepUpLimitEntity,
  HistoryImportEntity, HistoryChunkEntity, HistoryProblemEntity, HistoryAccountEntity, HistoryLineEntity, PartnerAccountEntity,
  BankOrderEntity, BankStatementLineEntity, BankStatementCursorEntity,
  PartnerCopyEntity, PartnerClientCopyEntity, PartnerKeyRefusalEntity, PartnerUseEntity, AuthorizationArtifactEntity,
  PaymentCodeEntity, PaymentCodeUseEntity,
  DisputeEntity, DisputeDocumentEntity, DisputeDocumentChunkEntity, DisputeDocumentCountEntity, WithdrawnDisputeDocumentEntity,
  PayoutAccountEntity, PayoutResumptionEntity, MerchantTermsEntity, SettlementCursorEntity, SettlementEntity,
  ApprovalEntity, AuditEntryEntity, ReconciliationEntity, ReconciliationLineEntity, BreakEntity,
  BankFileEntity, BankFileChunkEntity, BankFileLineEntity, BankFileOwnEntity,
  PartnerSubjectEntity, ConsentEntity, ConsentChangeEntity, AuthorizationStateEntity, ConsentDialogEntity,
  WalletFreezeEntity, ChargeNoticeEntity, ConsentOrderEntity,
  PersonLinkEntity, SameBankAccountEntity,
];

/** Every migration, by name; TypeORM orders them by the timestamp in the class name. */
const migrations: readonly Migration[] = [
  Ledger1795360000000, People1795360050000, Payments1795360100000, QuotePromises1795360200000,
  PaymentBatches1795360300000, SecondFactor1795360400000, EndedSessions1795360500000, OwnMerchants1795360550000,
  AppendOnlyKeys1795360600000, Checkpoints1795360700000, KeysThatTurn1795360800000, LedgerColumns1795360900000,
  Statements1795361300000, HistoryImports1795361400000, HistoryImportsValidated1795361400001,
  Bank1795361100000, BankValidated1795361100001,
  PartnerClients1795361000000,
  Cashiers1795361200000, PaymentCodes1795361200001,
  Disputes1795362450000, DisputeDocuments1795500000000,
  PartnerEnvironments1795362550000, PartnerEnvironmentsValidated1795362550001,
  Settlements1795380000000, SettlementsValidated1795380000001, SettlementInflows1795380000002, PayoutUnderWay1795380000003,
  PayoutsOfMerchant1795380000004, VerifiedMerchants1795410000000, PayoutResumptions1795410000001, PayoutResumptionsValidated1795410000002,
  PaymentOpen1795390000000,
  Approvals1795362300000, ApprovalsValidated1795362300001, Reconciliations1795362310000,
  BankFiles1795420000000, ShownLines1795420000001, LinesByDay1795420000002, StatementLinesOfOrder1795420000003,
  Consents1795370000000, ConsentsEnded1795600000000, ConsentsEndedValidated1795600000001, ConsentsOfPartner1795600000002,
  LimitVersions1795430000000, LimitVersionsValidated1795430000001, FirstPaymentOffers1795440000000, ExpectedBalances1795450000000,
  FeeScheduleChanges1795600000003,
  FoldById1795690000000, FoldApart1795710000000, HistoryTurnover1795710000001, HistoryFaults1795710000002,
  DisputedShare1795720000000, FrozenWallets1795730000000, FrozenWalletsValidated1795730000001,
  CashierDays1795730500000, Debts1795740000000, DebtsValidated1795740000001, OpenDebts1795740000002,
  DebtsByAge1795740000003, WithdrawnDisputeDocuments1795750000000, RemovedEvidence1795750000001,
  KeptEvidence1795750000002, WrongSums1795750000003, HistoryPieces1795760000000, FoldAlone1795760000001,
  MerchantOwing1795770000000, AllDebts1795800000000, OwedToOwnShops1795800000001, HistoryKeeping1795840000000,
  HistoriesToClear1795840000001, ChargeNotices1795820000000, ChargeBacks1795820000001,
  ChargeBacksValidated1795820000002, OpenCardDebts1795820000003, CardDebtsByAge1795820000004,
  CardDebtsAtOwnShops1795850000000, AllCardDebts1795850000001, FoldById1795865000000, OwingMerchants1795866000000, ConsentOrders1795810000000,
  StandingConsentsOfPartner1795810000001, StandingConsents1795810000002, WithdrawnConsentsOfPartner1795810000003,
  WithdrawnConsents1795810000004, RefundPeople1795810000005, FormerOwners1795830000000,
  PersonLinks1795900000000, MethodsByEnding1795900000001, Operators1795890000000, RevokedRoles1795890000001,
  RevokedRolesValidated1795890000002, Devices1795880000000, BankFileFaults1795870000000, BankFileFaultsValidated1795870000001,
  MerchantWriteOffs1795920000000, MerchantWriteOffsValidated1795920000001, MerchantWriteOffsOfMerchant1795920000002,
  PartnerKeyRefusals1795930000000, PasswordResets1795985000000, SessionsEndedByOperators1795986000000, SessionsEndedByOperatorsValidated1795986000001,
  PartnerRateChanges1795987000000,
  NetworksThatAreForgotten1795989000000, FactorRemovals1796060000000, PartnerCostMax1796070000000, PartnerUse1796070000001,
  DevicesAtTheDoor1796090000000, DevicesAtTheDoorValidated1796090000001, DevicesBySignInName1796090000002, GrantOpen1796100000000,
];

/** The books, keys and wallets are only ever added to; what counts and guards money changes but never goes. */
const rights: TableRights = {
  readOnly: ['asset', 'step_up_limit'],
  appendOnly: [
    'ledger_tx', 'posting', 'entry', 'ledger_checkpoint', 'idempotency', 'wallet', 'history_problem', 'bank_statement_line',
    'payment_code_use', 'partner_subject', 'consent_change', 'merchant_terms', 'payout_resumption',
    'fee_schedule', 'limit_definition',
    'audit_entry', 'reconciliation', 'reconciliation_line', 'bank_file_chunk', 'dispute_document_withdrawn', 'refund_person',
    'person_link', 'same_bank_account',
  ],
  kept: [
    'payment_code', 'account', 'person_counter', 'limit_counter', 'merchant_copy', 'merchant_former_owner', 'fee_waiver_offer', 'fee_waiver_budget', 'fee_waiver_use',
    'refund_guard', 'reward_grant', 'reward_reversal', 'reward_debt', 'top_up', 'person', 'credential', 'session', 'outbox_cursor',
    'history_import', 'bank_order', 'bank_statement_cursor',
    'partner_copy', 'partner_client_copy', 'partner_key_refusal', 'partner_use', 'consent', 'dispute', 'settlement', 'settlement_cursor', 'payout_account',
    'approval', 'reconciliation_break', 'bank_file', 'wallet_freeze', 'consent_order',
  ],
};

/** Makes the data source of accounts. */
export function accountsDataSource(settings: { url: string; poolSize: number; statementMs?: number }): DataSource {
  return createDataSource({ ...settings, service: 'accounts', entities, migrations, rights });
}
