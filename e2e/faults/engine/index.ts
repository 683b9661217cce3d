export { createRandom } from './random';
export { DAILY_POINTS, type Fault, killsOf, nextFault, partOf, POINTS, scheduleOf, SERVICES, textOf } from './schedule';
export { ROOT } from './stack.files';
export { Trial, type TrialOptions } from './trial';
