import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, verifyIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { maskError } from './errors';

interface SubscriptionOptions {
  schema: GraphQLSchema;
  identityKeys: readonly KeyEntry[];
  contextOf: (identity: Identity) => object;
  log: Logger;
  now: () => number;
}

const MESSAGE_BYTES_MAX = 64 * 1024;

/** Serves subscriptions by graphql-ws at /graphql; the signed identity comes in connection_init, over an empty body. */
export function serveSubscriptions(server: FastifyInstance, options: SubscriptionOptions): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX });
  const cleanup = useServer<Record<string, unknown>, { identity?: Identity }>(
    {
      schema: options.schema,
      onConnect: (context) => {
        const token = context.connectionParams?.[IDENTITY_HEADER];
        const identity = verifyIdentity(typeof token === 'string' ? token : undefined, '', options.identityKeys, options.now());
        if (!identity) return false;
        context.extra.identity = identity;
        return true;
      },
      context: (context) => options.contextOf(context.extra.identity!),
      onError: (context, _id, _payload, errors) => {
        const request = { reference: context.extra.identity?.reference ?? '', log: options.log };
        return errors.map((error) => maskError(error.toJSON(), error, request));
      },
      onNext: (context, _id, _payload, _args, result) => {
        if (!result.errors) return;
        const request = { reference: context.extra.identity?.reference ?? '', log: options.log };
        const errors = result.errors.map((error) => maskError(error.toJSON(), error, request));
        return { ...result, errors } as never;
      },
    },
    sockets,
  );
  server.server.on('upgrade', (request, socket, head) => {
    // Compared as text: a request line that is no address (`//`) would throw, and with it end the process.
    if (request.url?.split('?')[0] !== '/graphql') return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });
  server.addHook('preClose', async () => {
    await cleanup.dispose();
  });
}
