import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled, ApolloServerPluginInlineTraceDisabled, ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { KeyEntry, Serving } from '@tael/platform/env';
import { ADMISSION_DEFAULTS, createAdmission, createHttpServer, type HealthCheck, type Pressure } from '@tael/platform/http';
import { type Identity, IDENTITY_HEADER, verifyIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { isTracing, traced } from '@tael/platform/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { inTurn, limitWork } from './admission.hook';
import { RequestContext, type SubgraphContext } from './context';
import { observeRequests, type Outcome } from './observation';
import { serveSubscriptions } from './subscriptions';

export interface SubgraphServerOptions<Loaders> {
  schema: GraphQLSchema;
  log: Logger;
  identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  /** Makes the loaders of one request. */
  loaders: (identity: Identity) => Loaders;
  checks: Readonly<Record<string, HealthCheck>>;
  /** Serves subscriptions by graphql-ws on the same path. */
  subscriptions?: boolean;
  /** How much it takes on at once, how it ends, where operators look: the defaults unless told. */
  serving?: Serving;
  /** The time by which signed identities are checked; the process's own unless told. */
  now?: () => number;
  /** A sign of overload beside the number of requests, such as those who wait for the database. */
  pressure?: Pressure;
}

const PATH = '/graphql';

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
    rawBody: string;
    outcome?: Outcome;
  }
}

const refusal = { errors: [{ message: 'This address is for the gateway alone.', extensions: { code: 'UNAUTHENTICATED' } }] };

function takeIdentity(server: FastifyInstance, keys: readonly KeyEntry[], now: () => number): void {
  server.decorateRequest('rawBody', '');
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    request.rawBody = body as string;
    try {
      done(null, JSON.parse(request.rawBody));
    } catch {
      done(Object.assign(new Error('The body is no JSON.'), { statusCode: 400 }), undefined);
    }
  });
  server.addHook('preHandler', async (request, reply) => {
    if (request.routeOptions.url !== PATH) return;
    const header = request.headers[IDENTITY_HEADER];
    const identity = verifyIdentity(typeof header === 'string' ? header : undefined, request.rawBody, keys, now());
    if (!identity) return reply.code(401).send(refusal);
    request.identity = identity;
  });
}

/** Works on a request as a span of its caller's trace; what it causes names that span as its parent. */
function inSpan<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
  const { identity } = request;
  return traced({ name: 'request', kind: 'server', parent: identity.traceparent }, async (span) => {
    const outcome: Outcome = { operation: 'refused', codes: [] };
    request.outcome = outcome;
    if (span) request.identity = { ...identity, traceparent: span.traceparent };
    const result = await work();
    if (span) {
      span.name = outcome.operation;
      if (outcome.codes[0]) span.fault = outcome.codes[0];
    }
    return result;
  });
}

/**
 * Makes the server of a subgraph: POST /graphql for the gateway alone (every request carries a signed identity), masked
 * errors, /live and /ready. It does not listen yet; `close` drains.
 */
export async function createSubgraphServer<Loaders>(options: SubgraphServerOptions<Loaders>): Promise<FastifyInstance> {
  const { schema, log, identityKeys, now = Date.now } = options;
  const { admission: limits = ADMISSION_DEFAULTS, ...serving } = options.serving ?? {};
  const server = createHttpServer({ log, checks: options.checks, ...serving });
  limitWork(server, createAdmission(limits, options.pressure ? { pressure: options.pressure } : {}), PATH);
  takeIdentity(server, identityKeys, now);
  const contextOf = (identity: Identity, outcome: Outcome = { operation: 'refused', codes: [] }): SubgraphContext<Loaders> =>
    new RequestContext(identity, outcome, { loaders: options.loaders, log });

  const apollo = new ApolloServer<SubgraphContext<Loaders>>({
    schema,
    introspection: true,
    csrfPrevention: false,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    cache: 'bounded',
    persistedQueries: false,
    nodeEnv: 'production',
    logger: log as never,
    formatError: (formatted) => formatted,
    plugins: [
      ApolloServerPluginInlineTraceDisabled(), ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginSchemaReportingDisabled(), ApolloServerPluginUsageReportingDisabled(),
      observeRequests<Loaders>(log),
    ],
  });
  await apollo.start();
  const handle = fastifyApolloHandler(apollo, {
    context: async (request) => contextOf((request as FastifyRequest).identity, (request as FastifyRequest).outcome),
  }) as unknown as (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  server.decorateRequest('outcome');
  server.post(PATH, (request, reply) => inTurn(request, () => (isTracing() ? inSpan(request, () => handle(request, reply)) : handle(request, reply))));
  server.addHook('onClose', () => apollo.stop());
  if (options.subscriptions) serveSubscriptions(server, { schema, identityKeys, contextOf, log, now });
  return server;
}
