import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { OperationRequest } from '../graph/graph.runtime';
import { badRequest, HttpRefusal } from './http.errors';
import { problemOfValues, repeatedName } from './json.domain';
import { isJson } from './media-type.domain';
import { isRefused } from './raw.refusal';

export const BODY_BYTES_MAX = 256 * 1024;
/** So much of a body that is too large is read and thrown away, so that the client reads the refusal before a reset. */
const DISCARDED_BYTES_MAX = 8 * 1024 * 1024;

const tooLarge = (max = BODY_BYTES_MAX): HttpRefusal =>
  new HttpRefusal(413, 'PAYLOAD_TOO_LARGE', `The request is larger than ${max} bytes.`, {
    connection: 'close',
  });

/** Says whether a client asks beforehand to send a body that is too large. */
export function announcesTooMuch({ headers }: IncomingMessage): boolean {
  return headers.expect !== undefined && Number(headers['content-length']) > BODY_BYTES_MAX;
}

/** Reads the body of a request as text, up to `max` bytes. */
export function readBody(request: IncomingMessage, max = BODY_BYTES_MAX): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= max) parts.push(part);
      else if (bytes > DISCARDED_BYTES_MAX) reject(tooLarge(max));
    });
    request.on('end', () => {
      if (bytes > max) reject(tooLarge(max));
      // Its client was told meanwhile that the request took too long: it comes again.
      else if (isRefused(request.socket)) reject(badRequest('The request took too long to arrive.'));
      else {
        const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
        if (isUtf8(body)) resolve(body.toString('utf8'));
        else reject(badRequest('The body is not UTF-8.'));
      }
    });
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(badRequest('The request ended early.'));
    });
  });
}

function parseJson(text: string, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest(`${what} is not valid JSON.`);
  }
  if (repeatedName(text) !== undefined) throw badRequest(`${what} has an object that names a field twice.`);
  return value;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectOrNothing(value: unknown, name: string): Record<string, unknown> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw badRequest(`"${name}" must be an object.`);
  return value;
}

/** Checks the form of a GraphQL request. */
export function checkOperation(given: unknown): OperationRequest {
  if (Array.isArray(given)) throw badRequest('Batches of operations are not supported.');
  if (!isObject(given)) throw badRequest('The request must be a JSON object.');
  const { query, operationName } = given;
  if (typeof query !== 'string' || query === '') throw badRequest('"query" must be the text of a GraphQL document.');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    throw badRequest('"operationName" must be a string.');
  }
  objectOrNothing(given['extensions'], 'extensions');
  const variables = objectOrNothing(given['variables'], 'variables');
  const problem = variables && problemOfValues(variables);
  if (problem) throw badRequest(`The variables ${problem}.`);
  return { query, operationName: operationName ?? undefined, variables };
}

function operationOfUrl(url: URL): OperationRequest {
  const parameter = (name: string): string | undefined => url.searchParams.get(name) || undefined;
  const json = (name: string): unknown => {
    const text = parameter(name);
    return text === undefined ? undefined : parseJson(text, `"${name}"`);
  };
  return checkOperation({
    query: parameter('query'),
    operationName: parameter('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  });
}

/** Reads the GraphQL request of an HTTP request, or throws an {@link HttpRefusal}. */
export async function readOperation(request: IncomingMessage, url: URL): Promise<OperationRequest> {
  if (request.method === 'GET') return operationOfUrl(url);
  if (request.method !== 'POST') {
    throw new HttpRefusal(405, 'BAD_USER_INPUT', 'GraphQL is asked by GET or POST.', { allow: 'GET, POST' });
  }
  return checkOperation(await readJson(request));
}

/** Reads a body that must be JSON, or throws an {@link HttpRefusal}. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  // Web pages of other sites can send forms and plain text without asking first; JSON they cannot.
  if (!isJson(request.headers['content-type'])) {
    throw new HttpRefusal(415, 'BAD_USER_INPUT', 'The content type must be application/json in UTF-8.', {
      accept: 'application/json',
    });
  }
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new HttpRefusal(415, 'BAD_USER_INPUT', 'The body must not be compressed.', { 'accept-encoding': 'identity' });
  }
  if (announcesTooMuch(request)) throw tooLarge();
  return parseJson(await readBody(request), 'The body');
}
