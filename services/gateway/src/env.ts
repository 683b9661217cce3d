import { key32, keyRing, operationFields, port, readEnv } from '@tael/platform/env';
import { z } from 'zod';

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );
const yesOrNo = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

const addresses = z
  .string()
  .default('')
  .transform((text) => text.split(/\s+/).filter(Boolean))
  .pipe(z.array(z.string().regex(/^[a-z][a-z0-9-]*=https?:\/\/\S+$/, 'must be name=url, separated by spaces')))
  .transform((pairs) => Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string])));

const urls = z
  .string()
  .refine((text) => text.split(',').every((url) => z.url({ protocol: /^https?$/ }).safeParse(url.trim()).success), {
    message: 'must be addresses of http or https, separated by commas',
  });

const count = z.coerce.number().int().min(1).max(1_000_000);
/** Written as `<units a second>/<units at once>`. */
const rate = z
  .string()
  .regex(/^\d{1,9}\/\d{1,9}$/, 'must be <units a second>/<units at once>')
  .transform((text) => {
    const [perSecond, burst] = text.split('/').map(Number);
    return { perSecond: Math.max(1, perSecond!), burst: Math.max(1, burst!) };
  });

const timeoutMs = z.coerce.number().int().min(1).max(60_000);

/** The partners' door (ADR 21): there is one where its issuer is named. */
const partnerFields = {
  /** Who gives partners' tokens, and for what address: the public one of this door. */
  PARTNER_ISSUER: z.url().optional(),
  PARTNER_AUDIENCE: z.url().optional(),
  /** The composed graph of partners. */
  PARTNER_SUPERGRAPH_FILE: z.string().min(1).optional(),
  /** Answers introspection there: in a sandbox. */
  PARTNER_INTROSPECTION: yesOrNo,
  /** JSON, SHA-256 in hex → document: only these run. Without it any document does. */
  PARTNER_DOCUMENTS_FILE: z.string().min(1).optional(),
  /** A listener of its own with TLS, for clients that sign in with a certificate. */
  PARTNER_TLS_PORT: port.optional(),
  PARTNER_TLS_CERT_FILE: z.string().min(1).optional(),
  PARTNER_TLS_KEY_FILE: z.string().min(1).optional(),
};

/** Subgraphs of banks in the graph of people (ADR 28): there are some where both keys are told. */
const partnerSubgraphFields = {
  /** The folder with the schemas of the house's own subgraphs, one folder each: beside this service's own, unless told. */
  SUBGRAPH_SCHEMAS: z.string().min(1).default('..'),
  /** Ed25519 keys of requests to banks, as their 32 bytes: the first signs, the public halves of all are told. */
  PARTNER_SUBGRAPH_KEYS: keyRing.optional(),
  /** Makes of a person who they are to one bank. */
  PARTNER_SUBJECT_KEY: key32.optional(),
  /** Lets banks be asked over plain http on loopback: for the embedded stack and tests alone. */
  PARTNER_SUBGRAPHS_ALLOW_HTTP: yesOrNo,
};

type PartnerFields = z.output<z.ZodObject<typeof partnerFields & typeof partnerSubgraphFields>>;

/** What makes no sense without the others: then a door would be missing that somebody thinks is there. */
const TOGETHER: readonly (readonly (keyof PartnerFields)[])[] = [
  ['PARTNER_ISSUER', 'PARTNER_AUDIENCE'],
  ['PARTNER_TLS_PORT', 'PARTNER_TLS_CERT_FILE', 'PARTNER_TLS_KEY_FILE', 'PARTNER_ISSUER'],
  ['PARTNER_ISSUER', 'PARTNER_SUPERGRAPH_FILE'],
  ['PARTNER_SUBGRAPH_KEYS', 'PARTNER_SUBJECT_KEY'],
];

function isWhole(fields: PartnerFields, context: z.RefinementCtx): void {
  for (const [first, ...others] of TOGETHER) {
    if (fields[first!] === undefined) continue;
    for (const name of others) {
      if (fields[name] === undefined) context.addIssue({ code: 'custom', path: [name], message: `is needed with ${first}` });
    }
  }
}

export const gatewayEnv = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('production'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ...operationFields,
  /** The composed graph; read again whenever it changes. */
  SUPERGRAPH_FILE: z.string().min(1),
  /** The subgraphs; the addresses of several instances are separated by commas. */
  ACCOUNTS_URL: urls,
  MERCHANTS_URL: urls,
  REWARDS_URL: urls,
  NOTIFICATIONS_URL: urls,
  /** Addresses of further subgraphs: name=url, separated by spaces. */
  SUBGRAPH_URLS: addresses,
  /** Signs who is asking on each request to a subgraph. */
  IDENTITY_KEYS: keyRing,
  /** The public keys of access tokens; the addresses of several instances are separated by commas. */
  JWKS_URL: urls.transform((text) => text.split(',').map((url) => url.trim())),
  TOKEN_ISSUER: z.string().min(1),
  TOKEN_AUDIENCE: z.string().min(1),
  /** Origins of web pages that may call, besides the gateway's own. */
  CORS_ORIGINS: list,
  /** Has browsers keep the mark of a device without TLS, too: for the embedded stack and tests alone. */
  DEVICE_COOKIE_ALLOW_HTTP: yesOrNo,
  /** Serves GraphiQL and answers introspection. */
  GRAPHIQL: yesOrNo,
  /** How long a subgraph may take to answer a query before the rest of the answer goes out without it. */
  SUBGRAPH_QUERY_TIMEOUT_MS: timeoutMs.default(3_000),
  /** The same for a mutation. */
  SUBGRAPH_MUTATION_TIMEOUT_MS: timeoutMs.default(10_000),
  /** How many proxies of ours stand in front and append to X-Forwarded-For; none unless told. */
  TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(8).default(0),
  /** What one operation may cost: an object is 1, times the lengths of the lists that it stands in. */
  COST_MAX: z.coerce.number().int().min(100).max(100_000).default(2_500),
  /** Units of cost a second, and at once after a rest: for a person, for the anonymous of a network, for a network. */
  PERSON_RATE: rate.default({ perSecond: 100, burst: 10_000 }),
  ANONYMOUS_RATE: rate.default({ perSecond: 100, burst: 10_000 }),
  NETWORK_RATE: rate.default({ perSecond: 2_000, burst: 100_000 }),
  /** Access tokens of a network that are not valid. */
  BAD_TOKEN_RATE: rate.default({ perSecond: 10, burst: 300 }),
  /** Connections that the door holds in all, and from one network; the second only where no proxy stands in front. */
  CONNECTIONS_MAX: count.default(10_000),
  CONNECTIONS_PER_NETWORK_MAX: count.default(500),
  /** Sockets and event streams of one person, and of all in a network who are not signed in. */
  LIVE_PER_PERSON_MAX: count.default(10),
  LIVE_PER_NETWORK_MAX: count.default(200),
  /** Operations that run at the same time, about what two cores do in half a second; past them the answer is SERVICE_BUSY. */
  RUNNING_MAX: count.default(250),
  /** For how long browsers may come by TLS alone; 0 where there is none. */
  HSTS_SECONDS: z.coerce.number().int().min(0).default(31_536_000),
  ...partnerFields,
  ...partnerSubgraphFields,
}).superRefine(isWhole);

export type GatewayEnv = z.output<typeof gatewayEnv>;

/** Reads the settings of the gateway, or prints what is wrong with them and exits. */
export function readGatewayEnv(source: NodeJS.ProcessEnv = process.env): GatewayEnv {
  return readEnv(gatewayEnv, source);
}
