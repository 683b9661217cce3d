export { BANK_IBANS, ibanOf } from './bank/bank-behaviour.domain';
export { DEPOSITS } from './bank/bank-deposits';
export { CARD_NUMBERS } from './card-processor/card-behaviour.domain';
export { type Sandbox, type SandboxOptions, startSandbox } from './sandbox';
export type { ChargeNoticeSettings } from './card-processor/charge-notices';
