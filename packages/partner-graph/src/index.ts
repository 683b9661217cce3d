export { ANSWER_BYTES_MAX, ANSWER_MS_MAX, type ConformanceOptions, type Finding, textOf, tryPartnerSubgraph } from './conformance';
export { type GraphPolicy, namesOf, PARTNER_POLICY, type Violation, VIOLATION_CODES, type ViolationCode } from './policy';
export { type SignedHeaders, signRequest, type Verification, verifyRequest } from './request.signature';
export { checkPartnerSubgraph, type PartnerSource, partnerSubgraphName, type SubgraphCheck, type SubgraphSource, type SubgraphVerdict } from './subgraph.check';
