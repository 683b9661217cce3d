export { Onslaught } from './onslaught';
export { streamOf } from './random';
export { DAILY_POINTS, type Fault, faultAt, killsOf, partOf, pieceOf, POINTS, scheduleOf, SERVICES, textOf } from './schedule';
export { ROOT } from './stack.files';
export { Trial, type TrialOptions } from './trial';
