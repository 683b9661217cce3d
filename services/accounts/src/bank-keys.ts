import { readSigningKeys } from '@tael/http-signature';
import { bankKeysSettings } from './env';

// For whoever tells the bank which keys are ours: the public halves, as a JWK Set.
process.stdout.write(`${JSON.stringify(readSigningKeys(bankKeysSettings().BANK_SIGNING_KEYS).published)}\n`);
