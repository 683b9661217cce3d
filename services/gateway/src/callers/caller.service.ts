import type { Identity } from '@tael/platform/identity';
import { traceId, traceparent } from '@tael/platform/telemetry';
import type { IncomingMessage } from 'node:http';
import { bearerToken, clientAddress, localeOf } from './caller.domain';
import { InvalidToken, type TokenVerifier, type VerifiedToken } from './token.verifier';

/** Who is asking, until when we may believe it. */
export interface Caller {
  readonly identity: Identity;
  /** The end of the token in milliseconds since the epoch: streams end then. Null for somebody who is not signed in. */
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
   */
  identify(authorization: string | undefined, origin: Origin): Promise<Caller>;
}

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(',') : header;

export function createCallers(options: { verifier: TokenVerifier; trustedProxyHops: number }): Callers {
  const { verifier, trustedProxyHops } = options;
  return {
    originOf(request) {
      const parent = traceparent(single(request.headers['traceparent']));
      const address = clientAddress(
        request.socket.remoteAddress,
        single(request.headers['x-forwarded-for']),
        trustedProxyHops,
      );
      return {
        traceparent: parent,
        reference: traceId(parent)!,
        address,
        acceptLanguage: request.headers['accept-language'],
      };
    },
    async identify(authorization, origin) {
      const { acceptLanguage, ...rest } = origin;
      const token = bearerToken(authorization);
      if (token === null) throw new InvalidToken('no bearer token');
      const verified: VerifiedToken | undefined = token === undefined ? undefined : await verifier.verify(token);
      return {
        identity: {
          ...rest,
          principal: verified?.principal ?? null,
          locale: localeOf(verified?.locale, acceptLanguage),
        },
        expiresAt: verified?.expiresAt ?? null,
      };
    },
  };
}
