import { buildSubgraph } from '@tael/graphql';
import type { GraphQLSchema } from 'graphql';
import type { NonEmptyArray } from 'type-graphql';
import type { AccountsLoaders } from './loaders';
import { AdjustmentResolver } from './adjustments/adjustment.resolver';
import { ApprovalResolver } from './approvals/approval.resolver';
import { OperatorResolver } from './operators/operator.resolver';
import { FeeScheduleResolver } from './fees/fee-schedule.resolver';
import { LimitResolver } from './limits/limit.resolver';
import { BreakResolver } from './breaks/break.resolver';
import { BankFileResolver } from './bank-files/bank-file.resolver';
import { ReconciliationResolver } from './reconciliations/reconciliation.resolver';
import { ConsentOrderResolver } from './consents/consent-order.resolver';
import { ConsentRecordResolver } from './consents/consent-record.resolver';
import { ConsentResolver } from './consents/consent.resolver';
import { CustomerResolver, CustomerWalletResolver } from './consents/customer.resolver';
import { HistoryImportResolver } from './history-imports/history-import.resolver';
import { PartnerAccountResolver, PartnerStatementResolver } from './partner-accounts/partner-account.resolver';
import { BankAccountResolver } from './bank-accounts/bank-account.resolver';
import { DebtResolver, WalletDebtResolver } from './debts/debt.resolver';
import { DisputeDocumentResolver, DisputeEvidenceResolver } from './dispute-documents/dispute-document.resolver';
import { DisputeResolver, MerchantDisputesResolver, TransactionDisputeResolver, UserDisputesResolver } from './disputes/dispute.resolver';
import { PaymentMethodResolver, UserPaymentMethodsResolver } from './payment-methods/payment-method.resolver';
import { PaymentResolver } from './payments/payment.resolver';
import { QrPaymentResolver } from './payments/qr-payment.resolver';
import { FactorRemovalResolver } from './factor-removals/factor-removal.resolver';
import { PasswordResetResolver } from './password-resets/password-reset.resolver';
import { CustomerSessionResolver } from './customer-sessions/customer-session.resolver';
import { CredentialResolver } from './people/credential.resolver';
import { PersonResolver } from './people/person.resolver';
import { QuoteResolver } from './quotes/quote.resolver';
import { toQuoteType } from './quotes/quote.view';
import { RefundPersonResolver } from './refunds/refund-person.resolver';
import { RefundResolver } from './refunds/refund.resolver';
import type { AccountsServices } from './services';
import { SecondFactorResolver } from './second-factor/second-factor.resolver';
import { ActiveSessionResolver } from './sessions/active-session.resolver';
import { SessionResolver } from './sessions/session.resolver';
import { StatementResolver, WalletStatementsResolver } from './statements/statement.resolver';
import { StepUpResolver } from './step-ups/step-up.resolver';
import { PayoutAccountResolver } from './payouts/payout-account.resolver';
import { OwingResolver } from './settlements/owing.resolver';
import { MerchantSettlementsResolver, SettlementResolver } from './settlements/settlement.resolver';
import { TopUpResolver } from './top-ups/top-up.resolver';
import { TransactionResolver, UserTransactionsResolver } from './transactions/transaction.resolver';
import { toTransactionType } from './transactions/transaction.view';
import { TransferResolver } from './transfers/transfer.resolver';
import { FrozenWalletResolver, WalletFreezeResolver } from './wallets/wallet-freeze.resolver';
import { UserWalletsResolver, WalletResolver } from './wallets/wallet.resolver';
import { WithdrawalResolver } from './withdrawals/withdrawal.resolver';

/** Every resolver class of accounts, and how its instance is made. */
const resolvers: readonly { type: Function; make: (services: AccountsServices) => object }[] = [
  { type: PersonResolver, make: ({ people }) => new PersonResolver(people) },
  { type: SessionResolver, make: (services) => new SessionResolver(services) },
  { type: ActiveSessionResolver, make: ({ activeSessions }) => new ActiveSessionResolver(activeSessions) },
  { type: CredentialResolver, make: ({ credentials }) => new CredentialResolver(credentials) },
  { type: CustomerSessionResolver, make: ({ customerSessions }) => new CustomerSessionResolver(customerSessions) },
  { type: PasswordResetResolver, make: ({ passwordResets }) => new PasswordResetResolver(passwordResets) },
  { type: FactorRemovalResolver, make: ({ factorRemovals, secondFactors }) => new FactorRemovalResolver(factorRemovals, secondFactors) },
  { type: SecondFactorResolver, make: ({ secondFactors, people }) => new SecondFactorResolver(secondFactors, people) },
  { type: StepUpResolver, make: ({ approvals }) => new StepUpResolver(approvals) },
  { type: WalletResolver, make: ({ wallets }) => new WalletResolver(wallets) },
  { type: FrozenWalletResolver, make: () => new FrozenWalletResolver() },
  { type: DebtResolver, make: ({ debtViews, operatorRequests }) => new DebtResolver(debtViews, operatorRequests) },
  { type: WalletDebtResolver, make: () => new WalletDebtResolver() },
  { type: WalletFreezeResolver, make: ({ walletFreezes }) => new WalletFreezeResolver(walletFreezes) },
  { type: UserWalletsResolver, make: () => new UserWalletsResolver() },
  { type: WalletStatementsResolver, make: ({ statements }) => new WalletStatementsResolver(statements) },
  { type: StatementResolver, make: ({ statements }) => new StatementResolver(statements) },
  { type: PaymentMethodResolver, make: ({ paymentMethods }) => new PaymentMethodResolver(paymentMethods) },
  { type: UserPaymentMethodsResolver, make: () => new UserPaymentMethodsResolver() },
  { type: BankAccountResolver, make: ({ bankAccounts }) => new BankAccountResolver(bankAccounts) },
  { type: WithdrawalResolver, make: ({ withdrawals }) => new WithdrawalResolver(withdrawals) },
  { type: TopUpResolver, make: (services) => new TopUpResolver(services) },
  { type: PaymentResolver, make: ({ payments }) => new PaymentResolver(payments) },
  { type: QrPaymentResolver, make: ({ qrPayments }) => new QrPaymentResolver(qrPayments) },
  { type: QuoteResolver, make: ({ quotes }) => new QuoteResolver(quotes) },
  { type: TransferResolver, make: ({ transfers }) => new TransferResolver(transfers) },
  { type: RefundResolver, make: ({ refunds }) => new RefundResolver(refunds) },
  { type: DisputeResolver, make: ({ disputes }) => new DisputeResolver(disputes) },
  { type: DisputeDocumentResolver, make: ({ disputeDocuments }) => new DisputeDocumentResolver(disputeDocuments) },
  { type: DisputeEvidenceResolver, make: ({ disputeDocuments }) => new DisputeEvidenceResolver(disputeDocuments) },
  { type: TransactionDisputeResolver, make: () => new TransactionDisputeResolver() },
  { type: UserDisputesResolver, make: ({ disputes }) => new UserDisputesResolver(disputes) },
  { type: MerchantDisputesResolver, make: ({ disputes }) => new MerchantDisputesResolver(disputes) },
  { type: TransactionResolver, make: () => new TransactionResolver() },
  { type: RefundPersonResolver, make: () => new RefundPersonResolver() },
  { type: UserTransactionsResolver, make: ({ transactions }) => new UserTransactionsResolver(transactions) },
  { type: ApprovalResolver, make: ({ operatorRequests }) => new ApprovalResolver(operatorRequests) },
  { type: OperatorResolver, make: ({ operators }) => new OperatorResolver(operators) },
  { type: AdjustmentResolver, make: ({ operatorRequests }) => new AdjustmentResolver(operatorRequests) },
  { type: BankFileResolver, make: ({ bankFiles, reconciliations }) => new BankFileResolver(bankFiles, reconciliations) },
  { type: ReconciliationResolver, make: ({ reconciliations }) => new ReconciliationResolver(reconciliations) },
  { type: LimitResolver, make: (services) => new LimitResolver(services) },
  { type: FeeScheduleResolver, make: ({ feeSchedules }) => new FeeScheduleResolver(feeSchedules) },
  { type: BreakResolver, make: ({ breaks }) => new BreakResolver(breaks) },
  { type: HistoryImportResolver, make: ({ historyImports }) => new HistoryImportResolver(historyImports) },
  { type: PartnerAccountResolver, make: ({ partnerAccounts }) => new PartnerAccountResolver(partnerAccounts) },
  { type: ConsentResolver, make: ({ consents }) => new ConsentResolver(consents) },
  { type: ConsentRecordResolver, make: ({ consentRecords }) => new ConsentRecordResolver(consentRecords) },
  { type: ConsentOrderResolver, make: ({ consentOrders }) => new ConsentOrderResolver(consentOrders) },
  { type: CustomerResolver, make: ({ customers }) => new CustomerResolver(customers) },
  { type: CustomerWalletResolver, make: ({ customers }) => new CustomerWalletResolver(customers) },
  { type: PartnerStatementResolver, make: ({ partnerAccounts }) => new PartnerStatementResolver(partnerAccounts) },
  { type: OwingResolver, make: ({ owing, operatorRequests }) => new OwingResolver(owing, operatorRequests) },
  { type: MerchantSettlementsResolver, make: ({ settlementViews }) => new MerchantSettlementsResolver(settlementViews) },
  { type: SettlementResolver, make: (services) => new SettlementResolver(services) },
  { type: PayoutAccountResolver, make: (services) => new PayoutAccountResolver(services) },
];

/** Makes the instances of the resolvers. */
export function resolverInstances(services: AccountsServices): Map<unknown, object> {
  return new Map(resolvers.map(({ type, make }) => [type, make(services)]));
}

/** Builds the subgraph; an empty container is enough to print it. */
export function accountsSchema(container: Map<unknown, object>): { schema: GraphQLSchema; sdl: string } {
  return buildSubgraph<AccountsLoaders>({
    resolvers: resolvers.map(({ type }) => type) as unknown as NonEmptyArray<Function>,
    container: container as never,
    references: {
      User: ({ id }, { loaders }) => loaders.users.load(id),
      Wallet: ({ id }, { loaders }) => loaders.ownWallets.load(id),
      Transaction: async ({ id }, { loaders }) => {
        const view = await loaders.transactions.load(id);
        return view ? toTransactionType(view) : null;
      },
      // What accounts knows of a merchant each field asks for itself.
      Merchant: ({ id }) => ({ id }),
      PaymentQuote: ({ id }, { loaders }) => {
        const quote = loaders.quoteOf(id);
        return quote ? toQuoteType(quote) : null;
      },
    },
  });
}
