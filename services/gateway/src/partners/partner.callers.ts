import type { Identity } from '@tael/platform/identity';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { localeOf } from '../callers/caller.domain';
import { type Caller, type Origin, TooManyBadTokens } from '../callers/caller.service';
import type { EndedSessions } from '../callers/ended-sessions';
import { InvalidToken } from '../callers/token.verifier';
import type { Rates } from '../limits/rate.service';
import { clientCertificate } from './client.certificate';
import { countsAsBad, NoCredentials, partnerRefusal } from './partner.refusals';
import type { PartnerRevocations } from './partner.revocations';
import type { PartnerToken, PartnerTokenVerifier } from './partner-token.verifier';
import type { ProofVerifier } from './proof.verifier';

/** A token with the scheme that it was sent by (RFC 9449, 7.1; RFC 6750, 2.1). */
interface Credentials {
  readonly scheme: 'dpop' | 'bearer';
  readonly token: string;
}

function credentialsOf(header: string | undefined): Credentials {
  const [, scheme, token] = /^(DPoP|Bearer) +([A-Za-z0-9._~+/=-]+)\s*$/i.exec(header ?? '') ?? [];
  if (scheme === undefined || token === undefined) throw new NoCredentials();
  return { scheme: scheme.toLowerCase() as Credentials['scheme'], token };
}

const proofOf = ({ headers }: IncomingMessage): string | undefined => {
  const given = headers['dpop'];
  return Array.isArray(given) ? given.join(',') : given;
};

export interface PartnerCallersOptions {
  tokens: PartnerTokenVerifier;
  proofs: ProofVerifier;
  ended: Pick<EndedSessions, 'refuses'>;
  revoked: Pick<PartnerRevocations, 'refuses'>;
  rates: Pick<Rates, 'waitForToken' | 'countBadToken' | 'knowPartner'>;
  now: () => number;
}

/** Who asks at the partners' door: a bank, by a token that only it can use, or nobody. */
export interface PartnerCallers {
  /** Rejects with what the client is told. */
  identify(request: IncomingMessage, response: ServerResponse, origin: Origin): Promise<Caller>;
}

export function createPartnerCallers(options: PartnerCallersOptions): PartnerCallers {
  const { tokens, proofs, ended, revoked, rates, now } = options;

  async function check(token: string, address: string): Promise<PartnerToken> {
    const known = tokens.recall(token);
    if (known) return known;
    waitFor(address);
    return tokens.verify(token);
  }

  function waitFor(address: string): void {
    const waitMs = rates.waitForToken(address);
    if (waitMs > 0) throw new TooManyBadTokens(waitMs);
  }

  /** Checks that the token is in the hands that it was made for. Gives the nonce that the answer is to bring, if any. */
  async function checkBinding(
    { binding }: PartnerToken,
    { scheme, token }: Credentials,
    { request, address }: { request: IncomingMessage; address: string },
  ): Promise<string | undefined> {
    if (binding.kind === 'certificate') {
      if (scheme !== 'bearer') throw new InvalidToken('bound to a certificate, sent with a proof');
      if (clientCertificate(request)?.digest !== binding.digest) throw new InvalidToken('sent without its certificate');
      return undefined;
    }
    if (scheme !== 'dpop') throw new InvalidToken('bound to a key, sent as a bearer token');
    waitFor(address);
    return (await proofs.verify(proofOf(request), { token, thumbprint: binding.thumbprint })).nonce;
  }

  async function identify(request: IncomingMessage, response: ServerResponse, origin: Origin): Promise<Caller> {
    const { acceptLanguage, ...rest } = origin;
    const credentials = credentialsOf(request.headers.authorization);
    const verified = await check(credentials.token, origin.address);
    const { partner, rate, kid, issuedAt, expiresAt } = verified;
    const got = { partnerId: partner.partnerId, clientId: partner.clientId, kid, issuedAt };
    if (ended.refuses(got) || revoked.refuses(got)) throw new InvalidToken('of a client or a key that was revoked');
    const nonce = await checkBinding(verified, credentials, { request, address: origin.address });
    if (nonce !== undefined) response.setHeader('dpop-nonce', nonce);
    rates.knowPartner(partner.partnerId, rate, issuedAt);
    const identity: Identity = { ...rest, principal: null, partner, locale: localeOf(undefined, acceptLanguage) };
    return { identity, expiresAt: performance.now() + expiresAt - now() };
  }

  return {
    async identify(request, response, origin) {
      try {
        return await identify(request, response, origin);
      } catch (error) {
        if (countsAsBad(error)) rates.countBadToken(origin.address);
        throw partnerRefusal(error, () => proofs.nonce());
      }
    },
  };
}
