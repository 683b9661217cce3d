import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled, ApolloServerPluginInlineTraceDisabled, ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { KeyEntry } from '@tael/platform/env';
import { createHttpServer, type HealthCheck } from '@tael/platform/http';
import { type Identity, IDENTITY_HEADER, verifyIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import type { SubgraphContext } from './context';
import { maskError } from './errors';
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
}

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
    rawBody: string;
  }
}

const refusal = { errors: [{ message: 'This address is for the gateway alone.', extensions: { code: 'UNAUTHENTICATED' } }] };

function takeIdentity(server: FastifyInstance, keys: readonly KeyEntry[]): void {
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
    if (request.routeOptions.url !== '/graphql') return;
    const header = request.headers[IDENTITY_HEADER];
    const identity = verifyIdentity(typeof header === 'string' ? header : undefined, request.rawBody, keys, Date.now());
    if (!identity) return reply.code(401).send(refusal);
    request.identity = identity;
  });
}

/**
 * Makes the server of a subgraph: POST /graphql for the gateway alone (every request carries a signed identity), masked
 * errors, /live and /ready. It does not listen yet; `close` drains.
 */
export async function createSubgraphServer<Loaders>(options: SubgraphServerOptions<Loaders>): Promise<FastifyInstance> {
  const { schema, log, identityKeys } = options;
  const server = createHttpServer({ log, checks: options.checks });
  takeIdentity(server, identityKeys);
  const contextOf = (identity: Identity): SubgraphContext<Loaders> => ({
    identity,
    loaders: options.loaders(identity),
    log: log.child({ reference: identity.reference }),
  });

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
      {
        // formatError has no request at hand; here the reference of the request is known.
        requestDidStart: async () => ({
          willSendResponse: async ({ contextValue, response, errors }) => {
            const body = response.body;
            if (body.kind !== 'single' || !body.singleResult.errors) return;
            const request = { reference: contextValue.identity.reference, log: contextValue.log };
            body.singleResult.errors = body.singleResult.errors.map((formatted: GraphQLFormattedError, index: number) =>
              maskError(formatted, errors?.[index], request),
            );
          },
        }),
      },
    ],
  });
  await apollo.start();
  server.post('/graphql', fastifyApolloHandler(apollo, {
    context: async (request) => contextOf((request as FastifyRequest).identity),
  }) as never);
  server.addHook('onClose', () => apollo.stop());
  if (options.subscriptions) serveSubscriptions(server, { schema, identityKeys, contextOf, log });
  return server;
}
