import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { AppSettings } from '../../src/app';
import { type Answer, readAnswer, startGateway, type TestGateway } from '../gateway';
import { composePartnerSupergraph, MARKED_SDL } from '../subgraphs';

export const PARTNER_ISSUER = 'https://api.tael.test/partner/oauth';
export const PARTNER_AUDIENCE = 'https://api.tael.test/partner/graphql';
export const PARTNER_QUERY = '{ partner { id name } }';

export const seconds = (): number => Math.floor(Date.now() / 1_000);

export interface PartnerGateway extends TestGateway {
  readonly partnerUrl: string;
}

/** Starts a gateway with the partners' door over the marked subgraphs. */
export async function startPartnerGateway(changes: Partial<AppSettings> = {}, sdl = MARKED_SDL): Promise<PartnerGateway> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tael-partners-'));
  const file = path.join(folder, 'partner.supergraph.graphql');
  writeFileSync(file, composePartnerSupergraph(sdl));
  const gateway = await startGateway(
    { PARTNER_ISSUER, PARTNER_AUDIENCE, PARTNER_SUPERGRAPH_FILE: file, GRAPHIQL: false, ...changes },
    { pollMs: 40, partnerPollMs: 40 },
    sdl,
  );
  return {
    ...gateway,
    partnerUrl: gateway.url.replace('/graphql', '/partner/graphql'),
    async close() {
      await gateway.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
type Alg = 'ES256' | 'PS256';

/** Changes to what a good token or proof says; the key signs instead of the right one. */
export interface Changes {
  claims?: JWTPayload;
  header?: Record<string, unknown>;
  key?: Keys['privateKey'];
}

/** A partner bank with a key of its own, as it would be behind a client library. */
export class Bank {
  readonly partnerId = uuidv7();
  readonly clientId = uuidv7();
  nonce: string | undefined;
  private constructor(
    readonly keys: Keys,
    readonly jwk: JWK,
    readonly thumbprint: string,
    private readonly alg: Alg,
  ) {}

  static async make(alg: Alg = 'ES256'): Promise<Bank> {
    const keys = await generateKeyPair(alg, { extractable: true });
    const jwk = await exportJWK(keys.publicKey);
    return new Bank(keys, jwk, await calculateJwkThumbprint(jwk), alg);
  }

  token(gateway: TestGateway, { claims, header, key }: Changes = {}): Promise<string> {
    const good = {
      iss: PARTNER_ISSUER, aud: PARTNER_AUDIENCE, sub: this.clientId, client_id: this.clientId, partner_id: this.partnerId,
      sid: undefined, roles: undefined, locale: undefined,
      scope: 'partner:read keys:manage', rate: { perSecond: 1_000, burst: 100_000 }, environment: 'SANDBOX', cnf: { jkt: this.thumbprint },
      iat: seconds(), exp: seconds() + 300,
    };
    return gateway.issuer.token('', { claims: { ...good, ...claims } as JWTPayload, header: { typ: 'at+jwt', ...header }, ...(key ? { key } : {}) });
  }

  proof(token: string, { claims, header, key }: Changes = {}): Promise<string> {
    const good = {
      jti: uuidv7(), htm: 'POST', htu: PARTNER_AUDIENCE, iat: seconds(), nonce: this.nonce,
      ath: createHash('sha256').update(token).digest('base64url'),
    };
    return new SignJWT({ ...good, ...claims } as JWTPayload)
      .setProtectedHeader({ typ: 'dpop+jwt', alg: this.alg, jwk: this.jwk, ...header } as never)
      .sign(key ?? this.keys.privateKey);
  }

  /** Gets the nonce of a gateway, as a client does with its first request. */
  async greet(gateway: PartnerGateway): Promise<void> {
    const token = await this.token(gateway);
    const { headers } = await ask(gateway, { authorization: `DPoP ${token}`, dpop: await this.proof(token) });
    this.nonce = headers.get('dpop-nonce') ?? undefined;
  }

  /** Asks with a good proof for the token. */
  async ask(gateway: PartnerGateway, { query = PARTNER_QUERY, token, headers, body }: Asked = {}): Promise<Answer> {
    const used = token ?? (await this.token(gateway));
    if (!this.nonce) await this.greet(gateway);
    const dpop = await this.proof(used);
    return ask(gateway, { authorization: `DPoP ${used}`, dpop, ...headers }, body ?? { query });
  }
}

interface Asked {
  query?: string;
  token?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Posts a request at the partners' door with these headers and no others. */
export async function ask(
  gateway: PartnerGateway,
  headers: Record<string, string>,
  body: unknown = { query: PARTNER_QUERY },
): Promise<Answer> {
  const response = await fetch(gateway.partnerUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return readAnswer(response);
}
