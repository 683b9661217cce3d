import type { KeyEntry } from '@tael/platform/env';
import { CERTIFICATE_HEADER, type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createInstances } from '../callers/instances';
import type { Origin } from '../callers/caller.service';
import { HttpRefusal } from '../http/http.errors';
import { readBody } from '../http/request.reader';
import { clientCertificate } from './client.certificate';

const BODY_BYTES_MAX = 16 * 1024;
const TIMEOUT_MS = 5_000;
/** What a client says that the authorization server has to hear. Everything else, whatever its name, stays here. */
const PASSED_ON = ['authorization', 'content-type', 'dpop', 'accept'] as const;
/** What it answers that a client has to hear. */
const PASSED_BACK = ['content-type', 'cache-control', 'pragma', 'dpop-nonce', 'www-authenticate', 'retry-after'] as const;

const BASE = '/partner/oauth';
/** What of the authorization server is open to the outside: a path that is not here is not there. */
const PATHS: Readonly<Record<string, { method: 'GET' | 'POST'; path: string }>> = {
  [`${BASE}/token`]: { method: 'POST', path: `${BASE}/token` },
  [`${BASE}/jwks`]: { method: 'GET', path: `${BASE}/jwks` },
  [`${BASE}/.well-known/openid-configuration`]: { method: 'GET', path: `${BASE}/.well-known/openid-configuration` },
  [`${BASE}/.well-known/oauth-authorization-server`]: { method: 'GET', path: `${BASE}/.well-known/oauth-authorization-server` },
  // Where RFC 8414 looks for it: the issuer has a path.
  [`/.well-known/oauth-authorization-server${BASE}`]: { method: 'GET', path: `${BASE}/.well-known/oauth-authorization-server` },
};

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
  /** Rejects with a refusal. */
  pass(request: IncomingMessage, response: ServerResponse, at: { path: string; origin: Origin }): Promise<void>;
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

/** Makes what passes the authorization server's paths on to accounts, signed as the gateway signs what it asks subgraphs. */
export function createOAuthProxy(options: OAuthProxyOptions): OAuthProxy {
  const { issuer, identityKeys, now, log } = options;
  const accounts = createInstances(options.accountsUrls);
  const outside = new URL(issuer);

  function headersFor(request: IncomingMessage, body: string, origin: Origin): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const name of PASSED_ON) {
      const value = request.headers[name];
      if (value !== undefined) headers[name] = String(value);
    }
    const certificate = clientCertificate(request);
    const { acceptLanguage: _language, ...rest } = origin;
    const identity: Identity = { ...rest, principal: null, locale: 'en', ...(certificate ? { certificate: certificate.digest } : {}) };
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

  /** Asks the first instance that can be reached. A sign-in works once, so what may have arrived is not sent again. */
  async function ask(method: string, path: string, sent: { headers: Record<string, string>; body: string }): Promise<Response> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await accounts.first(async (url) => {
      try {
        const body = method === 'POST' ? sent.body : null;
        return await fetch(new URL(path, url), { method, headers: sent.headers, body, signal, redirect: 'manual' });
      } catch (error) {
        if (method === 'GET' || wasNeverSent(error)) throw error;
        return error as Error;
      }
    });
    if (answer instanceof Error) throw answer;
    return answer;
  }

  return {
    serves: (path) => Object.hasOwn(PATHS, path),
    async pass(request, response, { path: asked, origin }) {
      const { method, path } = PATHS[asked]!;
      if (request.method !== method) {
        throw new HttpRefusal(405, 'BAD_USER_INPUT', `This is asked by ${method}.`, { allow: method });
      }
      const body = method === 'POST' ? await readBody(request, BODY_BYTES_MAX) : '';
      try {
        const answer = await ask(method, path, { headers: headersFor(request, body, origin), body });
        const text = Buffer.from(await answer.arrayBuffer());
        for (const name of PASSED_BACK) {
          const value = answer.headers.get(name);
          if (value !== null) response.setHeader(name, value);
        }
        if (!answer.headers.has('cache-control')) response.setHeader('cache-control', 'no-store');
        response.writeHead(answer.status, { 'content-length': text.length }).end(text);
      } catch (error) {
        log.warn({ error, reference: origin.reference }, 'the authorization server did not answer');
        throw unavailable();
      }
    },
  };
}
