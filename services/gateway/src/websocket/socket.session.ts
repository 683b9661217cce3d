import type { Logger } from '@tael/platform/log';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { CloseCode } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import { type Caller, type Callers, TooManyBadTokens } from '../callers/caller.service';
import { InvalidToken } from '../callers/token.verifier';
import type { Answer, Graph } from '../graph/graph.runtime';
import { HttpRefusal } from '../http/http.errors';
import { extensionsOf } from '../http/refusal.writer';
import { checkOperation } from '../http/request.reader';
import { codeOf } from '../http/result.status';
import { RATE_MESSAGE, retryAfterSeconds } from '../limits/admission.check';
import type { LiveConnections } from '../limits/live.connections';
import type { Rates } from '../limits/rate.service';
import type { WorkPlaces } from '../limits/work.places';

/** Close code for whoever asks for too much. */
export const TOO_MANY = 4429;
/** Timers of Node hold no longer times. */
const TIMER_MAX_MS = 2 ** 31 - 1;

// A type, not an interface: the library wants something with string keys.
export type SessionState = {
  caller?: Caller;
  expiry?: NodeJS.Timeout;
  /** Gives the place of the connection back. */
  leave?: () => void;
  /** When it last did something, in milliseconds since the epoch. */
  activeAt?: number;
};
export type Socket = Extra & SessionState;

export interface SocketSessions {
  /** Checks the token of connection_init; gives false where the socket must be closed. */
  connect(socket: Socket, parameters: Record<string, unknown> | undefined): Promise<boolean>;
  /** Runs one operation, or gives the errors with which it was refused. */
  execute(socket: Socket, payload: unknown): Promise<Answer | readonly GraphQLError[]>;
  /** Gives the refusal of one operation, under a reference of its own. */
  refuse(socket: Socket, refusal: HttpRefusal): readonly GraphQLError[];
}

const tokenOf = (parameters: Record<string, unknown> | undefined): string | undefined => {
  const given = parameters?.['authorization'] ?? parameters?.['Authorization'];
  return typeof given === 'string' ? given : undefined;
};

const refusal = (code: string, message: string, reference: string): readonly GraphQLError[] => [
  new GraphQLError(message, { extensions: { code, reference } }),
];

const errorsOf = (error: HttpRefusal, reference: string): readonly GraphQLError[] => [
  new GraphQLError(error.message, { extensions: extensionsOf(error, reference) }),
];

const hasExpired = ({ expiresAt }: Caller): boolean => expiresAt !== null && expiresAt <= performance.now();

const asError = ({ message, extensions }: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(message, { extensions: extensions ?? null });

export interface SocketSessionsOptions {
  graph: () => Graph;
  callers: Callers;
  rates: Rates;
  live: LiveConnections;
  /** Those of all doors: what runs at once is counted together, however it came. */
  places: WorkPlaces;
  log: Logger;
}

/** Makes what a WebSocket does with tokens and operations. */
export function createSocketSessions(options: SocketSessionsOptions): SocketSessions {
  const { graph, callers, rates, live, places, log } = options;
  return {
    async connect(socket, parameters) {
      try {
        socket.caller = await callers.identify(tokenOf(parameters), callers.originOf(socket.request));
      } catch (error) {
        if (error instanceof TooManyBadTokens) socket.socket.close(TOO_MANY, 'Too many tokens that are not valid');
        else if (!(error instanceof InvalidToken)) log.warn({ error }, 'a socket was refused');
        return false;
      }
      const leave = live.open(socket.caller.identity);
      if (!leave) {
        socket.socket.close(TOO_MANY, 'Too many live connections');
        return false;
      }
      // It may have been closed while the token was looked at.
      if (socket.socket.readyState !== socket.socket.OPEN) leave();
      else socket.leave = leave;
      const { expiresAt } = socket.caller;
      if (expiresAt === null) return true;
      const left = Math.min(Math.max(expiresAt - performance.now(), 0), TIMER_MAX_MS);
      socket.expiry = setTimeout(() => socket.socket.close(CloseCode.Forbidden, 'The access token has expired'), left);
      socket.expiry.unref();
      return true;
    },

    // Every operation of a socket has a reference of its own.
    async execute(socket, payload) {
      const { acceptLanguage: _language, ...origin } = callers.originOf(socket.request);
      const { principal, settingUp, locale } = socket.caller!.identity;
      // A socket that is being closed still reads what the client sends until it answers.
      if (hasExpired(socket.caller!)) {
        return refusal('UNAUTHENTICATED', 'The access token has expired.', origin.reference);
      }
      if (callers.hasEnded(socket.caller!)) {
        socket.socket.close(CloseCode.Forbidden, 'The session has ended');
        return refusal('UNAUTHENTICATED', 'The session has ended.', origin.reference);
      }
      const identity = { ...origin, principal, settingUp, locale };
      const waitMs = rates.wait(identity);
      if (waitMs > 0) {
        const extensions = {
          code: 'RATE_LIMITED',
          reference: origin.reference,
          retryAfterSeconds: retryAfterSeconds(waitMs),
        };
        return [new GraphQLError(RATE_MESSAGE, { extensions })];
      }
      try {
        const operation = checkOperation(payload);
        // A subscription has a place until it has begun; its events come one at a time, and none can be refused.
        const answer = await places.run(() => graph().execute(operation, identity, 'POST'));
        if (answer.kind === 'refused' && codeOf(answer.result) !== 'RATE_LIMITED') rates.countRefused(identity);
        return answer.kind === 'refused' ? (answer.result.errors ?? []).map(asError) : answer;
      } catch (error) {
        const { reference } = origin;
        if (error instanceof HttpRefusal) {
          if (error.status !== 503) rates.countRefused(identity);
          return errorsOf(error, reference);
        }
        log.error({ error, reference }, 'an operation failed at the door');
        const message = `Something went wrong on our side. Reference: ${reference}`;
        return refusal('INTERNAL_SERVER_ERROR', message, reference);
      }
    },

    refuse: (socket, error) => errorsOf(error, callers.originOf(socket.request).reference),
  };
}
