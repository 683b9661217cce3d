import { answerFault, type AnswerHead, readAnswer } from './answer.rules';
import type { ConformanceOptions } from './conformance';
import { signRequest } from './request.signature';

/** Whom is asked, and how. */
export type Caller = Omit<ConformanceOptions, 'slug' | 'now'> & { readonly now: () => number };
/** The same, once it is known what its names are made of. */
export type Bank = Caller & { readonly slug: string };

/** What came back. `status` is 0 where nothing did. */
export interface Asked {
  readonly status: number;
  readonly head: AnswerHead;
  readonly text: string;
  /** The answer as JSON; undefined where it is none. */
  readonly body: unknown;
  readonly bytes: number;
  readonly ms: number;
  /** In a few words, for a person. */
  readonly summary: string;
}

const PATIENCE_MS = 5_000;
const SHOWN = 200;
const NO_HEAD: AnswerHead = { status: 0, contentType: undefined, contentEncoding: undefined };
/** The gateway takes JSON alone, and nothing that is compressed. */
const AS_THE_GATEWAY = { accept: 'application/json', 'accept-encoding': 'identity' };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Sends exactly this, whatever comes back. */
export async function send({ url }: Caller, body: string, headers: Record<string, string>): Promise<Asked> {
  const at = performance.now();
  try {
    const response = await fetch(url, { method: 'POST', body, headers: { ...AS_THE_GATEWAY, ...headers }, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await response.text();
    const ms = performance.now() - at;
    const head = { status: response.status, contentType: response.headers.get('content-type') ?? undefined, contentEncoding: response.headers.get('content-encoding') ?? undefined };
    return { status: response.status, head, text, body: parsed(text), bytes: Buffer.byteLength(text), ms, summary: `HTTP ${response.status} ${text.slice(0, SHOWN)}` };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
    return { status: 0, head: NO_HEAD, text: '', body: undefined, bytes: 0, ms: performance.now() - at, summary: `no answer (${cause})` };
  }
}

/** Somebody whom no bank knows. */
const SUBJECT = 'partner-check';

/** Asks as the gateway does: signed, for a person. */
export async function ask(bank: Caller, question: { query: string; variables?: unknown }): Promise<Asked> {
  const body = JSON.stringify(question);
  return send(bank, body, { ...(await signRequest({ url: bank.url, body, subject: SUBJECT }, bank.key, bank.now())) });
}

/** Why the gateway would not read an answer, by the rule that it goes by itself; undefined where it would. */
export function notTaken({ head, text, summary }: Asked): string | undefined {
  const fault = answerFault(head);
  if (fault === 'STATUS') return `200 was expected: ${summary}`;
  if (fault) return `application/json was expected, not compressed; it was ${head.contentType ?? 'no content-type'}${head.contentEncoding ? ` in ${head.contentEncoding}` : ''}`;
  return readAnswer(text) ? undefined : `no result of GraphQL came: ${summary}`;
}
