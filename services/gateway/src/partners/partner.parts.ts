import { identityKeysFor } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { constants } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { Callers } from '../callers/caller.service';
import type { EndedSessions } from '../callers/ended-sessions';
import type { TokenKeys } from '../callers/token.keys';
import type { GatewayEnv } from '../env';
import type { Screen } from '../graph/graph.runtime';
import type { GraphSource } from '../graph/graph.source';
import type { ConnectionRules } from '../http/connection.limits';
import { createGraphQLHandler, type GraphQLHandlerOptions } from '../http/graphql.handler';
import { createGuardedServer, type ServerTimes } from '../http/guarded.server';
import { refuseConnection } from '../http/raw.refusal';
import { observeGraph } from '../observation/graph.observation';
import { traceHandler } from '../observation/server.observation';
import { addressesOf } from '../subgraphs/subgraph.transport';
import { readDocuments } from './document.store';
import { createOAuthProxy } from './oauth.proxy';
import { createPartnerCallers } from './partner.callers';
import { followRevocations } from './partner.revocations';
import { createPartnerDoor, type PartnerDoor } from './partner.door';
import { createPartnerReader } from './partner.reader';
import { servePartnersAlone } from './partner.server';
import { createPartnerTokenVerifier } from './partner-token.verifier';
import { createProofMemory } from './proof.memory';
import { createProofNonces } from './proof.nonces';
import { createProofVerifier } from './proof.verifier';
import { startPartnerUseReport } from './partner-use.report';
import { createPublishCheck } from './publish.check';
import { createPublishedDocuments } from './published.documents';

export type PartnerSettings = Pick<
  GatewayEnv,
  | 'PARTNER_ISSUER'
  | 'PARTNER_AUDIENCE'
  | 'PARTNER_SUPERGRAPH_FILE'
  | 'PARTNER_INTROSPECTION'
  | 'PARTNER_DOCUMENTS_FILE'
  | 'PARTNER_TLS_PORT'
  | 'PARTNER_TLS_CERT_FILE'
  | 'PARTNER_TLS_KEY_FILE'
>;

type KeyRing = ReturnType<typeof identityKeysFor>;

/** What BCP 195 recommends (RFC 9325, 4.2), and FAPI 2.0 allows alone: forward secrecy with GCM, and the three of TLS 1.3. */
const TLS_SUITES = [
  'TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384',
].join(':');

const NO_SOCKETS = { status: '404 Not Found', code: 'BAD_USER_INPUT', message: 'There are no sockets here.' };

/** What the partners' door has in common with the other one. */
export interface PartnerPartsOptions extends Pick<GraphQLHandlerOptions, 'rates' | 'live' | 'places' | 'stopping'> {
  env: Partial<PartnerSettings> & Pick<GatewayEnv, 'ACCOUNTS_URL' | 'MERCHANTS_URL' | 'IDENTITY_KEYS' | 'JWKS_URL'>;
  /** Serves the graph of a file. */
  serve: (file: string, options: { introspection: boolean; screen?: Screen }) => Promise<GraphSource>;
  callers: Callers;
  keys: TokenKeys;
  ended: EndedSessions;
  now: () => number;
  /** Between two questions after what is revoked, where it is not the usual time. */
  pollMs?: number | undefined;
  /** The time by which banks make proofs, and by which the gateway signs. */
  real: () => number;
  /** The keys that sign requests to banks' subgraphs, as a JWK Set; none where there are no such subgraphs. */
  subgraphKeys?: object | undefined;
  log: Logger;
}

/** The partners' door with what is behind it. */
export interface PartnerParts {
  readonly door: PartnerDoor;
  close(): Promise<void>;
}

/** Puts the partners' door together; null where there is none. Rejects where its graph or its documents cannot be served. */
export async function createPartnerParts(options: PartnerPartsOptions): Promise<PartnerParts | null> {
  const { env, callers, keys, ended, now, real, log, rates, live, places, stopping } = options;
  const { PARTNER_ISSUER: issuer, PARTNER_AUDIENCE: audience, PARTNER_SUPERGRAPH_FILE: file } = env;
  if (issuer === undefined || audience === undefined || file === undefined) return null;
  const [accountsKeys, merchantsKeys] = ['accounts', 'merchants'].map((name) => identityKeysFor(env.IDENTITY_KEYS, name)) as [KeyRing, KeyRing];
  const agreed = env.PARTNER_DOCUMENTS_FILE === undefined ? undefined : await readDocuments(env.PARTNER_DOCUMENTS_FILE);
  const source = await options.serve(file, {
    introspection: env.PARTNER_INTROSPECTION ?? false, screen: createPublishCheck(),
  });
  const published = createPublishedDocuments({
    merchantsUrls: addressesOf(env.MERCHANTS_URL), identityKeys: merchantsKeys, now: real, log,
  });
  const readOperation = createPartnerReader({ agreed, published });
  const revoked = followRevocations({ urls: addressesOf(env.MERCHANTS_URL), identityKeys: merchantsKeys, now: real, log, pollMs: options.pollMs });
  // A gateway that has just started is not to let in what the others refuse.
  await revoked.asked;
  const partners = createPartnerCallers({
    tokens: createPartnerTokenVerifier({ keys, issuer, audience, now }),
    proofs: createProofVerifier({ url: audience, nonces: createProofNonces(), memory: createProofMemory(), now: real }),
    ended,
    revoked,
    rates,
    now,
  });
  const graphql = createGraphQLHandler({
    graph: observeGraph(source.current, log),
    // What lasts longer than a request is not served here, so nobody is asked again whether they have ended.
    callers: { originOf: callers.originOf, hasEnded: () => false },
    identify: partners.identify,
    read: (request, _url, { identity }) => readOperation(request, identity),
    streams: false,
    rates, live, places, stopping, log,
  });
  const oauth = createOAuthProxy({
    accountsUrls: addressesOf(env.ACCOUNTS_URL), issuer, identityKeys: accountsKeys, now: real, log,
  });
  const { serves, handle } = createPartnerDoor({ graphql, oauth, callers, rates, subgraphKeys: options.subgraphKeys, log });
  const report = startPartnerUseReport({
    // Beside accounts' keys, where it also says which sessions have ended.
    urls: env.JWKS_URL.map((url) => new URL('partner-use', url).href), identityKeys: accountsKeys, use: rates.partnerUse, now: real, log,
  });
  return {
    door: { serves, handle: traceHandler(handle) },
    async close() {
      report.close();
      revoked.close();
      await source.close();
    },
  };
}

/** Makes the listener with TLS that serves the partners' door alone; null where there is none. It listens later. */
export async function createPartnerServer(
  env: Partial<PartnerSettings>,
  { door, ...options }: { door: PartnerDoor; connections: ConnectionRules; hstsSeconds: number; times?: ServerTimes | undefined },
): Promise<Server | null> {
  const { PARTNER_TLS_PORT: port, PARTNER_TLS_CERT_FILE: certFile, PARTNER_TLS_KEY_FILE: keyFile } = env;
  if (port === undefined || certFile === undefined || keyFile === undefined) return null;
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  const serve = servePartnersAlone(door, options.hstsSeconds);
  const { connections, times } = options;
  // The certificate is one that the bank registered, whoever issued it: who is trusted is decided by its sum, not here.
  const certificates = { requestCert: true, rejectUnauthorized: false, secureOptions: constants.SSL_OP_NO_TICKET };
  const tls = { cert, key, ...certificates, minVersion: 'TLSv1.2', ciphers: TLS_SUITES } as const;
  const server = createGuardedServer({ connections, times, tls, serve }) as Server;
  server.on('upgrade', (_request, socket) => refuseConnection(socket, NO_SOCKETS));
  return server;
}
