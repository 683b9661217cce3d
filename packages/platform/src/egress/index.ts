export { type EgressFault, egressFault, type EgressRules, egressTarget, HTTPS_PORTS, isPrivateAddress, PrivateAddress, publicLookup, publicLookupBy } from './egress';
