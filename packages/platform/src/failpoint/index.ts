export { armFailpoints, failpoint, type FailpointSettings } from './failpoint';
export { type ArmedFailpoint, FAILPOINT_ACTIONS, type FailpointName, FAILPOINTS, parseFailpoint } from './points';
