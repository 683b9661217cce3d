/** What of a bank's answer is read before its body. */
export interface AnswerHead {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
}

export type AnswerFault = 'STATUS' | 'CONTENT_TYPE';

const JSON_TYPES = /^application\/(?:json|graphql-response\+json)\s*(?:;|$)/i;
const PLAIN = /^(?:identity)?$/i;

/** Why an answer is not read; undefined where it is. A redirect is another status: the address is the one that an operator has seen. */
export function answerFault({ status, contentType = '', contentEncoding = '' }: AnswerHead): AnswerFault | undefined {
  if (status !== 200) return 'STATUS';
  return JSON_TYPES.test(contentType) && PLAIN.test(contentEncoding) ? undefined : 'CONTENT_TYPE';
}

/** What a bank said: its data, and whether there were errors beside it, whose texts end here. */
export interface BankAnswer {
  readonly data: unknown;
  readonly hasErrors: boolean;
}

/** Reads an answer; undefined where it is no result of GraphQL. */
export function readAnswer(text: string): BankAnswer | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof body !== 'object' || body === null) return undefined;
  const { data, errors } = body as { data?: unknown; errors?: unknown };
  const hasErrors = Array.isArray(errors) ? errors.length > 0 : errors !== undefined;
  return data === undefined && !hasErrors ? undefined : { data: data ?? null, hasErrors };
}
