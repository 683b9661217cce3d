export { ANSWER_BYTES_MAX, ANSWER_MS_MAX, type ConformanceOptions, type Finding, textOf, tryPartnerSubgraph } from './conformance';
export { withoutMachinery } from './machinery';
export { type GraphPolicy, namesOf, PARTNER_POLICY, type Violation, VIOLATION_CODES, type ViolationCode } from './policy';
export { type SignedHeaders, signRequest, SUBJECT_HEADER, type Verification, verifyRequest } from './request.signature';
export { composeFitting, type Fit, type LeftOut, type Versions } from './graph.fit';
export { checkInThread, composeInThread, DoesNotCompose, TooHardToCompose } from './graph.thread';
export { readOwnSchemas } from './own.schemas';
export { checkPartnerSubgraph, composeGraph, type PartnerSource, partnerSubgraphName, type SubgraphCheck, type SubgraphSource, type SubgraphVerdict } from './subgraph.check';
