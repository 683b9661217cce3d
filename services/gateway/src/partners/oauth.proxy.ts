import type { KeyEntry } from '@tael/platform/env';
import { CERTIFICATE_HEADER, type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { localeOf } from '../callers/caller.domain';
import { createInstances } from '../callers/instances';
import type { Origin } from '../callers/caller.service';
import { HttpRefusal } from '../http/http.errors';
import { readBody } from '../http/request.reader';
import { clientCertificate } from './client.certificate';
import { isVisit, oauthPath } from './oauth.paths';

const BODY_BYTES_MAX = 16 * 1024;
const TIMEOUT_MS = 5_000;
/** What a client says that the authorization server has to hear. Everything else, whatever its name, stays here. */
const PASSED_ON = ['authorization', 'content-type', 'dpop', 'accept'] as const;
/** What it answers that a client has to hear. */
const PASSED_BACK = ['content-type', 'cache-control', 'pragma', 'dpop-nonce', 'www-authenticate', 'retry-after'] as const;

/** What a person's browser says, and hears, beside that. */
const PASSED_ON_OF_BROWSERS = ['cookie', 'accept-language'] as const;
const PASSED_BACK_TO_BROWSERS = [
  'location', 'content-language', 'content-security-policy', 'referrer-policy', 'x-content-type-options', 'x-frame-options',
  'cross-origin-opener-policy', 'vary',
] as const;

export interface OAuthProxyOptions {
  /** The graphs of all instances of accounts; the authorization server is beside them. */
  accountsUrls: readonly string[];
  issuer: string;
  identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  now: () => number;
  log: Logger;
}

export interface OAuthProxy {
  serves(path: string): boolean;
  /** Whether people come to a path with a browser. */
  isForBrowsers(path: string): boolean;
  /** Rejects with a refusal. */
  pass(request: IncomingMessage, response: ServerResponse, at: { url: URL; origin: Origin }): Promise<void>;
}

/** Nothing was sent, so the next instance may be asked. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

function wasNeverSent(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: string; errors?: { code?: string }[] } };
  const codes = cause?.errors?.map(({ code }) => code) ?? [cause?.code];
  return codes.every((code) => code !== undefined && NEVER_SENT.has(code));
}

const unavailable = (): HttpRefusal =>
  new HttpRefusal(503, 'SERVICE_UNAVAILABLE', 'Tokens cannot be given right now. Try again in a moment.', { 'retry-after': '2' });

/** Writes what a client has to hear of an answer. */
async function write(answer: Response, response: ServerResponse, browsers: boolean): Promise<void> {
  const text = Buffer.from(await answer.arrayBuffer());
  for (const name of browsers ? [...PASSED_BACK, ...PASSED_BACK_TO_BROWSERS] : PASSED_BACK) {
    const value = answer.headers.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  const cookies = browsers ? answer.headers.getSetCookie() : [];
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  if (!answer.headers.has('cache-control')) response.setHeader('cache-control', 'no-store');
  response.writeHead(answer.status, { 'content-length': text.length }).end(text);
}

/** Makes what passes the authorization server's paths on to accounts, signed as the gateway signs what it asks subgraphs. */
export function createOAuthProxy(options: OAuthProxyOptions): OAuthProxy {
  const { issuer, identityKeys, now, log } = options;
  const accounts = createInstances(options.accountsUrls);
  const outside = new URL(issuer);

  function headersFor(request: IncomingMessage, body: string, { origin, browsers }: { origin: Origin; browsers: boolean }): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const name of browsers ? [...PASSED_ON, ...PASSED_ON_OF_BROWSERS] : PASSED_ON) {
      const value = request.headers[name];
      if (value !== undefined) headers[name] = String(value);
    }
    const certificate = clientCertificate(request);
    const { acceptLanguage, ...rest } = origin;
    const locale = browsers ? localeOf(undefined, acceptLanguage) : 'en';
    const identity: Identity = { ...rest, principal: null, locale, ...(certificate ? { certificate: certificate.digest } : {}) };
    return {
      ...headers,
      traceparent: origin.traceparent,
      // What clients write into Host is their own affair; the address of the issuer is ours.
      'x-forwarded-proto': outside.protocol.slice(0, -1),
      'x-forwarded-host': outside.host,
      ...(certificate ? { [CERTIFICATE_HEADER]: certificate.der.toString('base64') } : {}),
      [IDENTITY_HEADER]: signIdentity(identity, body, identityKeys, now()),
    };
  }

  /**
   * Asks the first instance that can be reached. A sign-in works once, and a visit goes on: what may have arrived is sent again
   * only where it asks for something that stays as it is.
   */
  async function ask(method: string, path: string, sent: { headers: Record<string, string>; body: string; again: boolean }): Promise<Response> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await accounts.first(async (url) => {
      try {
        const body = method === 'POST' ? sent.body : null;
        return await fetch(new URL(path, url), { method, headers: sent.headers, body, signal, redirect: 'manual' });
      } catch (error) {
        if (sent.again || wasNeverSent(error)) throw error;
        return error as Error;
      }
    });
    if (answer instanceof Error) throw answer;
    return answer;
  }

  return {
    serves: (path) => oauthPath(path) !== undefined,
    isForBrowsers: (path) => oauthPath(path)?.browsers ?? false,
    async pass(request, response, { url, origin }) {
      const { methods, path, browsers } = oauthPath(url.pathname)!;
      const method = methods.find((one) => one === request.method);
      if (method === undefined) {
        throw new HttpRefusal(405, 'BAD_USER_INPUT', `This is asked by ${methods.join(' or ')}.`, { allow: methods.join(', ') });
      }
      if (browsers && !isVisit(method, request.headers as Record<string, string | undefined>, outside.origin)) {
        throw new HttpRefusal(403, 'FORBIDDEN', 'Other pages may not call here.');
      }
      const body = method === 'POST' ? await readBody(request, BODY_BYTES_MAX) : '';
      try {
        // Only the authorization endpoint is asked with a query.
        const asked = `${path}${path.endsWith('/authorize') ? url.search : ''}`;
        await write(await ask(method, asked, { headers: headersFor(request, body, { origin, browsers }), body, again: method === 'GET' && !browsers }), response, browsers);
      } catch (error) {
        log.warn({ error, reference: origin.reference }, 'the authorization server did not answer');
        throw unavailable();
      }
    },
  };
}
