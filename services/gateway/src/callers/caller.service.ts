import type { Identity } from '@tael/platform/identity';
import { isTracing, traceId, traceparent } from '@tael/platform/telemetry';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Rates } from '../limits/rate.service';
import { bearerToken, clientAddress, localeOf } from './caller.domain';
import type { EndedSessions } from './ended-sessions';
import { InvalidToken, type TokenVerifier, type VerifiedToken } from './token.verifier';

/** Who is asking, until when we may believe it. */
export interface Caller {
  readonly identity: Identity;
  /** When its token ends, in milliseconds of `performance.now()`: streams end then. Null for somebody who is not signed in. */
  readonly expiresAt: number | null;
}

/** What is known of a request before its token was looked at. */
export type Origin = Omit<Identity, 'principal' | 'locale'> & { readonly acceptLanguage: string | undefined };

export interface Callers {
  /** Reads address and trace of a request; begins a trace where it brings none. */
  originOf(request: IncomingMessage): Origin;
  /**
   * Gives the caller behind an Authorization header; none is anonymous.
   * @throws InvalidToken
   * @throws KeysUnknown
   * @throws TooManyBadTokens
   */
  identify(authorization: string | undefined, origin: Origin): Promise<Caller>;
  /** Says whether the session has ended of a caller who was identified before: a socket is identified once. */
  hasEnded(caller: Caller): boolean;
}

/** Tokens that are not good, from a network that already sent many: this one was not looked at. */
export class TooManyBadTokens extends Error {
  constructor(readonly waitMs: number) {
    super('too many tokens that are not valid');
    this.name = 'TooManyBadTokens';
  }
}

/** What names a browser stands in front; the rest would only make every signed header longer. */
const USER_AGENT_MAX = 256;

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(',') : header;

/** Gives whom a token names: for who must set a second factor up first, nobody but that person in the set-up. */
function personOf(verified: VerifiedToken | undefined): Pick<Identity, 'principal' | 'settingUp'> {
  if (!verified?.settingUp) return { principal: verified?.principal ?? null };
  const { personId, sessionId } = verified.principal;
  return { principal: null, settingUp: { personId, sessionId } };
}

export interface CallersOptions {
  verifier: TokenVerifier;
  trustedProxyHops: number;
  rates: Pick<Rates, 'waitForToken' | 'countBadToken'>;
  endedSessions: Pick<EndedSessions, 'has'>;
  now?: () => number;
}

export function createCallers(options: CallersOptions): Callers {
  const { verifier, trustedProxyHops, rates, endedSessions, now = Date.now } = options;

  // Checking a signature is the dearest thing that somebody whom nobody knows can make the door do.
  async function verify(token: string, address: string): Promise<VerifiedToken> {
    const known = verifier.recall(token);
    if (known) return known;
    const waitMs = rates.waitForToken(address);
    if (waitMs > 0) throw new TooManyBadTokens(waitMs);
    try {
      return await verifier.verify(token);
    } catch (error) {
      if (error instanceof InvalidToken) rates.countBadToken(address);
      throw error;
    }
  }

  return {
    hasEnded({ identity: { principal, settingUp } }) {
      const sessionId = (principal ?? settingUp)?.sessionId;
      return sessionId !== undefined && endedSessions.has(sessionId);
    },
    originOf(request) {
      const given = single(request.headers['traceparent']);
      // Where spans are told, the door's own span stands in the header already.
      const parent = isTracing() && traceId(given) ? given! : traceparent(given);
      const address = clientAddress(
        request.socket.remoteAddress,
        single(request.headers['x-forwarded-for']),
        // Where TLS ends here no proxy of ours is in front: the header is what the caller wrote.
        request.socket instanceof TLSSocket ? 0 : trustedProxyHops,
      );
      return {
        traceparent: parent,
        reference: traceId(parent)!,
        address,
        userAgent: request.headers['user-agent']?.slice(0, USER_AGENT_MAX),
        acceptLanguage: request.headers['accept-language'],
      };
    },
    async identify(authorization, origin) {
      const { acceptLanguage, ...rest } = origin;
      const token = bearerToken(authorization);
      if (token === null) throw new InvalidToken('no bearer token');
      const verified = token === undefined ? undefined : await verify(token, origin.address);
      if (verified && endedSessions.has(verified.principal.sessionId)) throw new InvalidToken('its session has ended');
      return {
        identity: {
          ...rest,
          ...personOf(verified),
          locale: localeOf(verified?.locale, acceptLanguage),
        },
        expiresAt: verified ? performance.now() + verified.expiresAt - now() : null,
      };
    },
  };
}
