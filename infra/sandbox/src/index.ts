export { BANK_IBANS, DEPOSITS } from './bank/bank-behaviour.domain';
export { CARD_NUMBERS } from './card-processor/card-behaviour.domain';
export { type Sandbox, type SandboxOptions, startSandbox } from './sandbox';
export type { ChargeNoticeSettings } from './card-processor/charge-notices';
