export { CARD_NUMBERS } from './card-processor/card-behaviour.domain';
export { type Sandbox, type SandboxOptions, startSandbox } from './sandbox';
