import type { KeyObject } from 'node:crypto';
import { parse } from 'graphql';
import { bankSchemaOf, createAnswerCheck } from './answer.check';
import { readAnswer } from './answer.rules';
import { ENTITIES, extendedIn, referencesTo, rootQuestion } from './conformance.questions';
import { ask, type Asked, type Bank, type Caller, notTaken, send } from './conformance.requests';
import type { Violation } from './policy';
import { namesOf } from './policy';
import { signRequest } from './request.signature';
import { findSlug, type FoundSlug } from './slug';
import { checkPartnerSubgraph, type PartnerSource, type SubgraphSource } from './subgraph.check';

/** What Tael waits for at most, and takes at most; slower or larger answers are a null in the graph. */
export const ANSWER_MS_MAX = 1_000;
export const ANSWER_BYTES_MAX = 256 * 1024;
const ROUNDS = 20;

export interface Finding {
  /** What was tried, as a sentence. */
  readonly title: string;
  /** Empty where it was as it must be. */
  readonly problems: readonly string[];
}

export interface ConformanceOptions {
  /** Where the bank's subgraph answers. */
  readonly url: string;
  /** What the bank's names are made of; where it is not said, its schema says it. */
  readonly slug?: string | undefined;
  /** The key that signs, whose public half the bank was told. */
  readonly key: { readonly id: string; readonly privateKey: KeyObject };
  readonly own: readonly SubgraphSource[];
  readonly partners?: readonly PartnerSource[];
  readonly now?: () => number;
}

/**
 * Tries a bank's subgraph as the gateway would use it, and as an attacker would: the schema against the policy,
 * signatures, references, errors, times. Gives one finding a trial as it ends; nothing is changed at the bank.
 */
export async function* tryPartnerSubgraph(options: ConformanceOptions): AsyncGenerator<Finding> {
  const { now = Date.now, slug, ...rest } = options;
  const caller: Caller = { ...rest, now };
  const told = await ask(caller, { query: '{ _service { sdl } }' });
  const sdl = sdlOf(told);
  const unread = notTaken(told);
  yield { title: 'It tells its schema (_service) to a signed request', problems: sdl === undefined ? [`no schema came: ${told.summary}`] : unread ? [unread] : [] };
  if (sdl === undefined) return;
  const found = slugFinding(slug, sdl);
  if (found.finding) yield found.finding;
  if (found.slug === undefined) return;
  const bank: Bank = { ...caller, slug: found.slug };
  const broken = schemaProblems(bank, sdl);
  yield { title: 'Its schema keeps the policy, composes, and costs no more than it may', problems: broken };
  // By a schema that breaks a rule nothing can be judged.
  if (broken.length === 0) yield { title: 'It answers its own field in a form that Tael takes', problems: await rootProblems(bank, sdl) };
  yield { title: 'It refuses what is not signed by Tael, was changed, is old or comes twice', problems: await signatureProblems(bank) };
  yield { title: 'It answers references that it does not know by null, in their order', problems: await referenceProblems(bank, sdl) };
  yield { title: 'It tells nothing of its inside in an error', problems: await errorProblems(bank) };
  yield { title: `It answers within ${ANSWER_MS_MAX} ms`, problems: await timeProblems(bank, sdl) };
}

/**
 * The slug that was said, or the one that the schema says, with what is to be told of it.
 * Without one nothing of a bank can be told from what is not.
 */
export function slugFinding(said: string | undefined, sdl: string): { readonly slug: string | undefined; readonly finding?: Finding } {
  if (said !== undefined) return { slug: said };
  const found: FoundSlug = findSlug(sdl);
  return found.slug === undefined
    ? { slug: undefined, finding: { title: 'Its names say what slug they are made of', problems: [`${found.problem}. Say the slug with --slug, and all that follows from it is tried`] } }
    : { slug: found.slug, finding: { title: `Its names are made of ${found.slug}, as ${found.place} says`, problems: [] } };
}

function sdlOf({ body }: Asked): string | undefined {
  const sdl = (body as { data?: { _service?: { sdl?: unknown } } } | undefined)?.data?._service?.sdl;
  return typeof sdl === 'string' ? sdl : undefined;
}

function schemaProblems({ own, partners, slug }: Bank, sdl: string): string[] {
  const verdict = checkPartnerSubgraph({ own, ...(partners ? { partners } : {}), candidate: { slug, sdl } });
  return verdict.ok ? [] : verdict.violations.map(textOf);
}

/** Asks for all of the bank's own field, and looks at the answer as the gateway does. */
async function rootProblems(bank: Bank, sdl: string): Promise<string[]> {
  const query = rootQuestion(bankSchemaOf(sdl), bank.slug);
  if (query === undefined) return [];
  const answer = await ask(bank, { query });
  const unread = notTaken(answer);
  if (unread) return [unread];
  const { data, hasErrors } = readAnswer(answer.text)!;
  const checked = data === null ? undefined : await createAnswerCheck(sdl)({ document: parse(query) }, data);
  return [...(hasErrors ? [`it came with errors, and is null for whoever asked: ${answer.summary}`] : []), ...(checked?.problems ?? [])];
}

/** Writes a violation as one line. */
export const textOf = ({ code, place, message }: Violation): string => `${code}${place ? ` at ${place}` : ''}: ${message}`;

async function signatureProblems(bank: Bank): Promise<string[]> {
  const body = JSON.stringify({ query: '{ __typename }' });
  const signed = async (at: number) => ({ ...(await signRequest({ url: bank.url, body }, bank.key, at)) });
  const good = await signed(bank.now());
  const first = await send(bank, body, good);
  const trials: [string, string, Record<string, string>][] = [
    ['a request without a signature', body, { 'content-type': 'application/json' }],
    ['a body that was changed after it was signed', `${body} `, await signed(bank.now())],
    ['a signature that is five minutes old', body, await signed(bank.now() - 300_000)],
    ['a signature of another key', body, { ...good, signature: good.signature.replace(/[A-Za-z0-9]{8}/, 'AAAAAAAA') }],
    ['the same request a second time', body, good],
  ];
  const unread = notTaken(first);
  const problems = unread === undefined ? [] : [`a good request: ${unread}`];
  for (const [name, text, headers] of trials) {
    const answer = await send(bank, text, headers);
    if (answer.status !== 401) problems.push(`${name} must be refused with 401: ${answer.summary}`);
    if (hasData(answer)) problems.push(`${name} was answered with data`);
  }
  return problems;
}

const hasData = ({ body }: Asked): boolean => {
  const data = (body as { data?: unknown } | undefined)?.data;
  return data !== undefined && data !== null;
};

async function referenceProblems(bank: Bank, sdl: string): Promise<string[]> {
  const problems: string[] = [];
  const strange = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002', '', 'x'.repeat(300), "' OR 1=1 --"];
  for (const name of extendedIn(sdl)) {
    const answer = await ask(bank, referencesTo(name, strange));
    const body = answer.body as { data?: { _entities?: unknown[] }; errors?: unknown[] } | undefined;
    const entities = body?.data?._entities;
    const unread = notTaken(answer);
    if (unread) problems.push(`${name}: ${unread}`);
    if (!Array.isArray(entities) || entities.length !== strange.length) problems.push(`${name}: one answer a reference was expected: ${answer.summary}`);
    if (body?.errors) problems.push(`${name}: an id that is not known is no error, but null`);
  }
  const other = await ask(bank, referencesTo(`${namesOf(bank.slug)?.type}Nothing`, ['1']));
  if (hasData(other)) problems.push('a reference to a type that is not there must be an error');
  return problems;
}

// What no answer to a client should have: frames of a stack, files, SQL, addresses.
const INSIDE = /\bat\s+\S+\s+\(|stacktrace|node_modules|\.(?:js|ts|java|py|go|rb):\d+|\bSELECT\b.+\bFROM\b|ECONNREFUSED|\b(?:10|127|192\.168)\.\d+\.\d+/i;

async function errorProblems(bank: Bank): Promise<string[]> {
  const trials: [string, string][] = [
    ['a field that is not there', JSON.stringify({ query: '{ nothingHasThisName }' })],
    ['no GraphQL', JSON.stringify({ query: '{' })],
    ['no JSON', '{"query":'],
    ['nothing', ''],
    ['a variable of a wrong kind', JSON.stringify({ query: ENTITIES, variables: { representations: 7 } })],
  ];
  const problems: string[] = [];
  for (const [name, body] of trials) {
    const answer = await send(bank, body, { ...(await signRequest({ url: bank.url, body }, bank.key, bank.now())) });
    if (answer.status === 0 || answer.status >= 500) problems.push(`${name}: an error of the caller's was expected, not ${answer.summary}`);
    if (INSIDE.test(answer.text)) problems.push(`${name}: the answer tells of the inside: ${INSIDE.exec(answer.text)?.[0]}`);
  }
  return problems;
}

async function timeProblems(bank: Bank, sdl: string): Promise<string[]> {
  const [entity] = extendedIn(sdl);
  const question = entity ? referencesTo(entity, ['00000000-0000-7000-8000-000000000001']) : { query: '{ __typename }' };
  const times: number[] = [];
  let largest = 0;
  let unread: string | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const answer = await ask(bank, question);
    times.push(answer.ms);
    largest = Math.max(largest, answer.bytes);
    unread ??= notTaken(answer);
  }
  const slowest = Math.max(...times);
  return [
    ...(unread ? [unread] : []),
    ...(slowest > ANSWER_MS_MAX ? [`the slowest of ${ROUNDS} answers took ${Math.round(slowest)} ms`] : []),
    ...(largest > ANSWER_BYTES_MAX ? [`an answer had ${largest} bytes; ${ANSWER_BYTES_MAX} are read`] : []),
  ];
}
