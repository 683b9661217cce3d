import { createHmac, type X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { KeyEntry } from '@tael/platform/env';
import { CERTIFICATE_HEADER, type Identity, IDENTITY_HEADER, verifyIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { isAway } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PartnerClientService } from '../partners/partner-client.service';
import type { SigningKey } from '../sessions/access-token.service';
import type { AttemptService } from '../sessions/attempt.service';
import type { ConsentService } from '../consents/consent.service';
import type { AuthorizationStateService } from './authorization-state.service';
import { type ConsentPageParts, ConsentPageRoute } from './consent-page.route';
import { errorPage } from './consent-page.view';
import { CONSENT_PATH } from './person-authorization.configuration';
import type { AuthorizationArtifactService } from './authorization-artifact.service';
import { clientCertificate } from './client-certificate';
import { type ClientAttempt, ClientFailures } from './client-failures.service';
import { createPartnerProvider } from './partner-provider';

const PATH = '/partner/oauth';
/** Where people come with a browser. */
const VISITED = new RegExp(`^${PATH}(/authorize|${CONSENT_PATH}/)`);
const BODY_BYTES_MAX = 16 * 1024;
/** A process whose clock is further off than this would judge every assertion wrongly: another instance may do better. */
const CLOCK_OFF_MAX_MS = 5_000;

export interface PartnerTokensParts extends ConsentPageParts {
  readonly settings: {
    readonly PARTNER_ISSUER: string;
    readonly PARTNER_TLS_ISSUER?: string | undefined;
    readonly PARTNER_AUDIENCE: string;
    readonly TOKEN_SIGNING_KEYS: readonly SigningKey[];
    readonly IDENTITY_KEYS: readonly KeyEntry[];
    readonly FAILED_CLIENT_SIGN_INS_PER_15_MINUTES: number;
  };
  readonly partnerClients: PartnerClientService;
  readonly artifacts: AuthorizationArtifactService;
  readonly states: AuthorizationStateService;
  readonly consents: ConsentService;
  readonly attempts: AttemptService;
  readonly sealer: Sealer;
  readonly now: () => Date;
  /** The time by which banks make assertions and proofs. */
  readonly real: () => Date;
  readonly log: Logger;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks for a token, as the gateway says. */
    asker: Identity | null;
  }
}

/** The body as it came; empty where there was none. */
const bodyOf = ({ body }: FastifyRequest): string => (typeof body === 'string' ? body : '');

function refuse(reply: FastifyReply, status: number, error: string): FastifyReply {
  if (status === 429 || status === 503) void reply.header('retry-after', status === 429 ? '900' : '1');
  const { url, headers, asker } = reply.request;
  if (VISITED.test(url)) {
    const page = errorPage(asker?.locale ?? headers['accept-language'], error);
    return reply.code(status).headers(page.headers).send(page.html);
  }
  return reply.code(status).header('cache-control', 'no-store').send({ error });
}

/**
 * Gives the request as the provider is to see it: with the body that was read for the signature, and under the public
 * address of the issuer. What audiences and proofs are compared with is so a setting, and nothing that a header says.
 */
function asIssuer(request: FastifyRequest, issuer: URL): IncomingMessage {
  const { method, url, headers, socket, httpVersion } = request.raw;
  const path = url!.slice(PATH.length);
  // No second message on the socket: it would end the connection together with its own body.
  const seen = Object.assign(new Readable({ read: () => undefined }), {
    // The provider would look for the path in the whole one, and finds /par in /partner.
    method, httpVersion, socket, url: path, baseUrl: issuer.pathname.replace(/\/$/, ''),
    headers: { ...headers, 'x-forwarded-proto': issuer.protocol.slice(0, -1), 'x-forwarded-host': issuer.host },
  });
  seen.push(bodyOf(request));
  seen.push(null);
  return seen as unknown as IncomingMessage;
}

/** Lets in who signs as the gateway does, over the very bytes of the body. */
function guard(door: FastifyInstance, { settings, real }: PartnerTokensParts): void {
  door.decorateRequest('asker', null);
  door.removeAllContentTypeParsers();
  door.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_BYTES_MAX }, (_request, body, done) => done(null, body));
  door.addHook('preHandler', async (request, reply) => {
    const header = request.headers[IDENTITY_HEADER];
    const signed = typeof header === 'string' ? header : undefined;
    request.asker = verifyIdentity(signed, bodyOf(request), settings.IDENTITY_KEYS, real().getTime());
    if (!request.asker) return refuse(reply, 401, 'unauthorized');
  });
  door.setErrorHandler((error: FastifyError, request, reply) => {
    if (isAway(error)) return refuse(reply, 503, 'temporarily_unavailable');
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error({ error }, 'the door of the authorization server had a fault');
    return refuse(reply, status, status >= 500 ? 'server_error' : 'invalid_request');
  });
}

/** Serves the authorization server of partner banks to the gateway: token and pushed requests, public keys, metadata, and the page that asks a person. Nothing else. */
export async function servePartnerTokens(server: FastifyInstance, parts: PartnerTokensParts): Promise<void> {
  const { settings } = parts;
  const issuer = new URL(settings.PARTNER_ISSUER);
  const certificates = new WeakMap<IncomingMessage, X509Certificate>();
  const attempts = new WeakMap<IncomingMessage, ClientAttempt>();
  const provider = createPartnerProvider({
    ...parts, issuer: settings.PARTNER_ISSUER, tlsIssuer: settings.PARTNER_TLS_ISSUER, audience: settings.PARTNER_AUDIENCE, keys: settings.TOKEN_SIGNING_KEYS,
    nonceSecret: createHmac('sha256', settings.IDENTITY_KEYS[0]!.key).update('tael/dpop-nonce/token-endpoint').digest(),
    certificateOf: (request) => certificates.get(request),
    onRefused: async (request) => attempts.get(request)?.failed(),
  });
  const provide = provider.callback();
  const failures = new ClientFailures({ ...parts, attemptsMax: settings.FAILED_CLIENT_SIGN_INS_PER_15_MINUTES });

  const serve = async (request: FastifyRequest, reply: FastifyReply, attempt?: ClientAttempt): Promise<void> => {
    const seen = asIssuer(request, issuer);
    if (attempt) attempts.set(seen, attempt);
    const certificate = clientCertificate(request.headers[CERTIFICATE_HEADER], request.asker!);
    if (certificate) certificates.set(seen, certificate);
    reply.hijack();
    await provide(seen, reply.raw);
  };

  await server.register(async (door) => {
    guard(door, parts);
    const authenticated = async (request: FastifyRequest, reply: FastifyReply) => {
      if (Math.abs(Date.now() - parts.real().getTime()) > CLOCK_OFF_MAX_MS) return refuse(reply, 503, 'temporarily_unavailable');
      const attempt = failures.attempt(request.asker!.address, bodyOf(request));
      if (!(await attempt.mayTry())) return refuse(reply, 429, 'temporarily_unavailable');
      await serve(request, reply, attempt);
    };
    door.post(`${PATH}/token`, authenticated);
    door.post(`${PATH}/par`, authenticated);
    door.get(`${PATH}/authorize`, (request, reply) => serve(request, reply));
    door.get(`${PATH}/authorize/:uid`, (request, reply) => serve(request, reply));
    new ConsentPageRoute(parts, settings.PARTNER_ISSUER).serve(door, `${PATH}${CONSENT_PATH}`);
    for (const path of ['/jwks', '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
      door.get(`${PATH}${path}`, (request, reply) => serve(request, reply));
    }
  });
}
