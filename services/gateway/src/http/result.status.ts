import type { Answer, PresentedResult } from '../graph/graph.runtime';
import { JSON_TYPE, type ResultType } from './media-type.domain';

/** The status of an answer, and when to ask again where it says so. */
export interface ResultStatus {
  readonly status: number;
  readonly retryAfterSeconds?: number;
}

/** Codes that speak of the request's time, not of its text: their status is the same for every media type. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = { RATE_LIMITED: 429, SERVICE_BUSY: 503 };

export function codeOf({ errors }: PresentedResult): string | undefined {
  return errors?.[0]?.extensions?.['code'] as string | undefined;
}

// Nothing was done at all: what is there of an answer, its reader gets.
const isBusy = ({ data, errors = [] }: PresentedResult): boolean =>
  data === null && errors.length > 0 && errors.every(({ extensions }) => extensions?.['code'] === 'SERVICE_BUSY');

/**
 * Gives the status of an answer. application/json keeps the old habit of 200 for every GraphQL response;
 * application/graphql-response+json tells by status.
 */
export function statusOf(answer: Exclude<Answer, { kind: 'stream' }>, type: ResultType): ResultStatus {
  if (answer.kind === 'executed' && !isBusy(answer.result)) return { status: 200 };
  const status = STATUS_BY_CODE[codeOf(answer.result) ?? ''];
  if (status) {
    const given = answer.result.errors?.[0]?.extensions?.['retryAfterSeconds'];
    return { status, retryAfterSeconds: typeof given === 'number' ? given : 1 };
  }
  if (answer.kind === 'refused' && answer.wrongMethod) return { status: 405 };
  return { status: type === JSON_TYPE ? 200 : 400 };
}
