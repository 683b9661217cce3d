import { GraphQLError } from 'graphql';

/** Why a bank's subgraph has no answer for us. It is counted and logged by these words; what the bank said stays out of both. */
export type FaultKind =
  | 'ADDRESS_REFUSED'
  | 'CONNECTION'
  | 'LATE'
  | 'TOO_LARGE'
  | 'STATUS'
  | 'CONTENT_TYPE'
  | 'NO_RESULT'
  | 'ERRORS'
  | 'OPEN'
  | 'FULL'
  | 'NOT_LIVE';

export class PartnerFault extends Error {
  constructor(
    readonly slug: string,
    readonly kind: FaultKind,
  ) {
    super(`the subgraph of ${slug}: ${kind}`);
    this.name = 'PartnerFault';
  }
}

/** Says to a client that a bank has no answer: never in the bank's words. */
export function partnerUnavailable(fault: PartnerFault): GraphQLError {
  return new GraphQLError('A partner bank does not answer right now. The rest of the answer stands; try again in a moment.', {
    originalError: fault,
    extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true },
  });
}
