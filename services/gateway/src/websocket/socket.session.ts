import type { Logger } from '@tael/platform/log';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { CloseCode } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import type { Caller, Callers } from '../callers/caller.service';
import { InvalidToken } from '../callers/token.verifier';
import type { Answer, Graph } from '../graph/graph.runtime';
import { HttpRefusal } from '../http/http.errors';
import { checkOperation } from '../http/request.reader';

/** Timers of Node hold no longer times. */
const TIMER_MAX_MS = 2 ** 31 - 1;

// A type, not an interface: the library wants something with string keys.
export type SessionState = { caller?: Caller; expiry?: NodeJS.Timeout };
export type Socket = Extra & SessionState;

export interface SocketSessions {
  /** Checks the token of connection_init; gives false where the socket must be closed. */
  connect(socket: Socket, parameters: Record<string, unknown> | undefined): Promise<boolean>;
  /** Runs one operation, or gives the errors with which it was refused. */
  execute(socket: Socket, payload: unknown): Promise<Answer | readonly GraphQLError[]>;
  /** Gives the refusal of one operation, under a reference of its own. */
  refuse(socket: Socket, message: string): readonly GraphQLError[];
}

const tokenOf = (parameters: Record<string, unknown> | undefined): string | undefined => {
  const given = parameters?.['authorization'] ?? parameters?.['Authorization'];
  return typeof given === 'string' ? given : undefined;
};

const refusal = (code: string, message: string, reference: string): readonly GraphQLError[] => [
  new GraphQLError(message, { extensions: { code, reference } }),
];

const hasExpired = ({ expiresAt }: Caller): boolean => expiresAt !== null && expiresAt <= Date.now();

const asError = ({ message, extensions }: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(message, { extensions: extensions ?? null });

/** Makes what a WebSocket does with tokens and operations. */
export function createSocketSessions(options: { graph: () => Graph; callers: Callers; log: Logger }): SocketSessions {
  const { graph, callers, log } = options;
  return {
    async connect(socket, parameters) {
      try {
        socket.caller = await callers.identify(tokenOf(parameters), callers.originOf(socket.request));
      } catch (error) {
        if (!(error instanceof InvalidToken)) log.warn({ error }, 'a socket was refused');
        return false;
      }
      const { expiresAt } = socket.caller;
      if (expiresAt === null) return true;
      const left = Math.min(Math.max(expiresAt - Date.now(), 0), TIMER_MAX_MS);
      socket.expiry = setTimeout(() => socket.socket.close(CloseCode.Forbidden, 'The access token has expired'), left);
      socket.expiry.unref();
      return true;
    },

    // Every operation of a socket has a reference of its own.
    async execute(socket, payload) {
      const { acceptLanguage: _language, ...origin } = callers.originOf(socket.request);
      const { principal, locale } = socket.caller!.identity;
      // A socket that is being closed still reads what the client sends until it answers.
      if (hasExpired(socket.caller!)) {
        return refusal('UNAUTHENTICATED', 'The access token has expired.', origin.reference);
      }
      try {
        const answer = await graph().execute(checkOperation(payload), { ...origin, principal, locale }, 'POST');
        return answer.kind === 'refused' ? (answer.result.errors ?? []).map(asError) : answer;
      } catch (error) {
        const { reference } = origin;
        if (error instanceof HttpRefusal) return refusal(error.code, error.message, reference);
        log.error({ error, reference }, 'an operation failed at the door');
        const message = `Something went wrong on our side. Reference: ${reference}`;
        return refusal('INTERNAL_SERVER_ERROR', message, reference);
      }
    },

    refuse: (socket, message) => refusal('BAD_USER_INPUT', message, callers.originOf(socket.request).reference),
  };
}
