export { type EgressRules, egressTarget, isPrivateAddress, PrivateAddress, publicLookup, publicLookupBy } from './egress';
