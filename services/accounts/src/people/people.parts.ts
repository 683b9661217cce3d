import { readSigningKeys } from '@tael/http-signature';
import type { Sealer } from '@tael/platform/seal';
import type { Bank } from '../bank/bank.port';
import { createHttpBank } from '../bank/http-bank';
import { BankAccountFingerprints } from '../bank-accounts/bank-account-fingerprints';
import { BankAccountService } from '../bank-accounts/bank-account.service';
import { BankOrderService } from '../bank-orders/bank-order.service';
import { BankStatementService } from '../bank-orders/bank-statement.service';
import { ChargeNoticeService } from '../charge-notices/charge-notice.service';
import { OperatorService } from '../operators/operator.service';
import { CardFingerprints } from '../payment-methods/card-fingerprints';
import { PaymentMethodService } from '../payment-methods/payment-method.service';
import { createHttpCardProcessor } from '../processor/http-card-processor';
import type { Parts } from '../services';
import { AccessTokenService } from '../sessions/access-token.service';
import { AttemptService } from '../sessions/attempt.service';
import { DeviceService } from '../sessions/device.service';
import { SessionService } from '../sessions/session.service';
import { SignInFailures } from '../sessions/sign-in-failures.service';
import { SignInService } from '../sessions/sign-in.service';
import { CodeService } from '../second-factor/code.service';
import { SecondFactorService } from '../second-factor/second-factor.service';
import { SignInChallengeService } from '../second-factor/sign-in-challenge.service';
import { ActiveSessionService } from '../sessions/active-session.service';
import { StepUpApprovalService } from '../step-ups/step-up-approval.service';
import type { StepUpService } from '../step-ups/step-up.service';
import { TopUpService } from '../top-ups/top-up.service';
import { WalletFreezeService } from '../wallets/wallet-freeze.service';
import { WalletService } from '../wallets/wallet.service';
import { WithdrawalService } from '../withdrawals/withdrawal.service';
import { FactorRemovalService } from '../factor-removals/factor-removal.service';
import { CustomerSessionService } from '../customer-sessions/customer-session.service';
import { PasswordResetService } from '../password-resets/password-reset.service';
import { CredentialService } from './credential.service';
import { PasswordService } from './password.service';
import { PersonService } from './person.service';

/** The services around people: who they are, how they come in, what they hold and charge. */
export interface PeopleServices {
  readonly bank: Bank;
  readonly people: PersonService;
  readonly operators: OperatorService;
  readonly accessTokens: AccessTokenService;
  readonly sessions: SessionService;
  readonly signIns: SignInService;
  readonly attempts: AttemptService;
  readonly activeSessions: ActiveSessionService;
  readonly credentials: CredentialService;
  readonly passwordResets: PasswordResetService;
  readonly customerSessions: CustomerSessionService;
  readonly secondFactors: SecondFactorService;
  readonly factorRemovals: FactorRemovalService;
  readonly approvals: StepUpApprovalService;
  readonly wallets: WalletService;
  readonly walletFreezes: WalletFreezeService;
  readonly paymentMethods: PaymentMethodService;
  readonly fingerprints: CardFingerprints;
  readonly topUps: TopUpService;
  readonly chargeNotices: ChargeNoticeService;
  readonly bankAccounts: BankAccountService;
  readonly bankOrders: BankOrderService;
  readonly bankStatement: BankStatementService;
  readonly withdrawals: WithdrawalService;
}

/** Makes the services around people. */
export function createPeopleServices(parts: Parts & { sealer: Sealer; stepUps: StepUpService }): PeopleServices {
  const { dataSource, settings, now, real = now, sealer, stepUps } = parts;
  const accessTokens = new AccessTokenService({
    issuer: settings.TOKEN_ISSUER,
    audience: settings.TOKEN_AUDIENCE,
    keys: settings.TOKEN_SIGNING_KEYS,
  });
  const passwords = new PasswordService();
  const attempts = new AttemptService(dataSource);
  const sessions = new SessionService({
    dataSource, sealer, devices: new DeviceService({ sealer, now }), tokens: accessTokens, now, secondFactorRoles: settings.SECOND_FACTOR_ROLES,
  });
  const failures = new SignInFailures({ dataSource, sealer, attempts, perQuarterHour: settings.FAILED_SIGN_INS_PER_15_MINUTES, perDay: settings.FAILED_SIGN_INS_PER_DAY ?? 100 });
  const shared = { dataSource, sealer, passwords, sessions, attempts, failures, now };
  const codes = new CodeService({ ...shared, real });
  const credentials = new CredentialService({ ...shared, stepUps });
  const processor = createHttpCardProcessor({
    url: settings.CARD_PROCESSOR_URL,
    secret: settings.CARD_PROCESSOR_SECRET,
  });
  const fingerprints = new CardFingerprints(settings.CARD_FINGERPRINT_KEYS);
  const bank = createHttpBank({ url: settings.BANK_URL, key: readSigningKeys(settings.BANK_SIGNING_KEYS).signing, now: () => real().getTime() });
  const bankOrders = new BankOrderService({ dataSource, sealer, bank, log: parts.log, now });
  return {
    bank,
    credentials,
    passwordResets: new PasswordResetService({ ...shared, requestsPerHour: settings.SIGN_UPS_PER_HOUR, signInsPerHour: settings.SIGN_INS_PER_HOUR }),
    customerSessions: new CustomerSessionService({ dataSource, now }),
    factorRemovals: new FactorRemovalService(shared),
    activeSessions: new ActiveSessionService(shared),
    secondFactors: new SecondFactorService({ ...shared, credentials, codes, stepUps }),
    approvals: new StepUpApprovalService({ dataSource, codes, stepUps, now }),
    accessTokens,
    attempts,
    sessions,
    operators: new OperatorService({ dataSource, sealer, now }),
    people: new PersonService({ ...shared, signUpsPerHour: settings.SIGN_UPS_PER_HOUR }),
    signIns: new SignInService({
      ...shared,
      challenges: new SignInChallengeService({ dataSource, codes, now }),
      signInsPerHour: settings.SIGN_INS_PER_HOUR,
    }),
    wallets: new WalletService({ dataSource, now }),
    walletFreezes: new WalletFreezeService({ dataSource }),
    fingerprints,
    paymentMethods: new PaymentMethodService({
      dataSource,
      sealer,
      processor,
      fingerprints,
      now,
    }),
    topUps: new TopUpService({ dataSource, sealer, processor, bankOrders, log: parts.log, now }),
    chargeNotices: new ChargeNoticeService({ dataSource, processor, log: parts.log, now }),
    bankAccounts: new BankAccountService({
      dataSource, sealer, bank, fingerprints: new BankAccountFingerprints(fingerprints.sealer), attempts, now,
    }),
    bankOrders,
    bankStatement: new BankStatementService({ dataSource, bank, log: parts.log }),
    withdrawals: new WithdrawalService({ dataSource, stepUps, bankOrders }),
  };
}
