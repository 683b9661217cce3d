import type { Sealer } from '@tael/platform/seal';
import { PaymentMethodService } from '../payment-methods/payment-method.service';
import { createHttpCardProcessor } from '../processor/http-card-processor';
import type { Parts } from '../services';
import { AccessTokenService } from '../sessions/access-token.service';
import { AttemptService } from '../sessions/attempt.service';
import { SessionService } from '../sessions/session.service';
import { SignInService } from '../sessions/sign-in.service';
import { TopUpService } from '../top-ups/top-up.service';
import { WalletService } from '../wallets/wallet.service';
import { PasswordService } from './password.service';
import { PersonService } from './person.service';

/** The services around people: who they are, how they come in, what they hold and charge. */
export interface PeopleServices {
  readonly people: PersonService;
  readonly accessTokens: AccessTokenService;
  readonly sessions: SessionService;
  readonly signIns: SignInService;
  readonly attempts: AttemptService;
  readonly wallets: WalletService;
  readonly paymentMethods: PaymentMethodService;
  readonly topUps: TopUpService;
}

/** Makes the services around people. */
export function createPeopleServices(parts: Parts & { sealer: Sealer }): PeopleServices {
  const { dataSource, settings, now, sealer } = parts;
  const accessTokens = new AccessTokenService({
    issuer: settings.TOKEN_ISSUER,
    audience: settings.TOKEN_AUDIENCE,
    keys: settings.TOKEN_SIGNING_KEYS,
  });
  const passwords = new PasswordService();
  const attempts = new AttemptService(dataSource);
  const sessions = new SessionService({ dataSource, tokens: accessTokens, now });
  const shared = { dataSource, sealer, passwords, sessions, attempts };
  const processor = createHttpCardProcessor({
    url: settings.CARD_PROCESSOR_URL,
    secret: settings.CARD_PROCESSOR_SECRET,
  });
  return {
    accessTokens,
    attempts,
    sessions,
    people: new PersonService({ ...shared, signUpsPerHour: settings.SIGN_UPS_PER_HOUR, now }),
    signIns: new SignInService({
      ...shared,
      signInsPerHour: settings.SIGN_INS_PER_HOUR,
      failedSignInsPer15Minutes: settings.FAILED_SIGN_INS_PER_15_MINUTES,
    }),
    wallets: new WalletService({ dataSource, now }),
    paymentMethods: new PaymentMethodService({
      dataSource,
      sealer,
      processor,
      fingerprintKey: settings.CARD_FINGERPRINT_KEY,
      now,
    }),
    topUps: new TopUpService({ dataSource, sealer, processor, log: parts.log, now }),
  };
}
