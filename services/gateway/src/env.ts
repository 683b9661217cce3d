import { keyRing, port, readEnv } from '@tael/platform/env';
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

const timeoutMs = z.coerce.number().int().min(1).max(60_000);

const gatewayEnv = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('production'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** The composed graph; read again whenever it changes. */
  SUPERGRAPH_FILE: z.string().min(1),
  ACCOUNTS_URL: z.url(),
  MERCHANTS_URL: z.url(),
  REWARDS_URL: z.url(),
  NOTIFICATIONS_URL: z.url(),
  /** Signs who is asking on each request to a subgraph. */
  IDENTITY_KEYS: keyRing,
  JWKS_URL: z.url(),
  TOKEN_ISSUER: z.string().min(1),
  TOKEN_AUDIENCE: z.string().min(1),
  /** Origins of web pages that may call, besides the gateway's own. */
  CORS_ORIGINS: list,
  /** Serves GraphiQL and answers introspection. */
  GRAPHIQL: yesOrNo,
  /** How long a subgraph may take to answer a query before the rest of the answer goes out without it. */
  SUBGRAPH_QUERY_TIMEOUT_MS: timeoutMs.default(3_000),
  /** The same for a mutation. */
  SUBGRAPH_MUTATION_TIMEOUT_MS: timeoutMs.default(10_000),
  /** How many proxies of ours stand in front and append to X-Forwarded-For; none unless told. */
  TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(8).default(0),
});

export type GatewayEnv = z.output<typeof gatewayEnv>;

/** Reads the settings of the gateway, or prints what is wrong with them and exits. */
export function readGatewayEnv(source: NodeJS.ProcessEnv = process.env): GatewayEnv {
  return readEnv(gatewayEnv, source);
}
