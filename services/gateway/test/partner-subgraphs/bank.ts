import { buildSubgraphSchema } from '@apollo/subgraph';
import { verifyRequest } from '@tael/partner-graph';
import { execute, parse } from 'graphql';
import type { KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a bank adds to the graph of the tests. */
export const BANK_SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  scalar Decimal
  type Query { nordbank: NordbankBank }
  type NordbankBank { name: String! offers(first: Int = 5): [NordbankOffer!] customer: String }
  type NordbankOffer { id: ID! kind: NordbankKind rate: Decimal }
  enum NordbankKind { HOME CAR }
  type User @key(fields: "id") { id: ID! nordbankScore: Int nordbankCredit: NordbankCredit }
  type NordbankCredit { limit: Decimal! note: String }
`;

export interface Asked {
  readonly body: string;
  readonly query: string;
  readonly variables: any;
  readonly headers: IncomingMessage['headers'];
  readonly isSigned: boolean;
  readonly subject: string | undefined;
}

type Answering = (request: IncomingMessage, response: ServerResponse, honest: () => Promise<object>) => void | Promise<void>;

export interface Bank {
  readonly url: string;
  readonly asked: Asked[];
  /** Answers otherwise than it should; undefined: as it should. */
  answering: Answering | undefined;
  close(): Promise<void>;
}

const send = (response: ServerResponse, body: unknown): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** Gives the answer of a bank that tells everybody who they are to it. */
function schemaOf(sdl: string) {
  return buildSubgraphSchema([
    {
      typeDefs: parse(sdl),
      resolvers: {
        Query: { nordbank: () => ({ name: 'Nordbank', customer: (_: unknown, { subject }: Asked) => subject ?? null, offers: [{ id: '1', kind: 'HOME', rate: '3.10' }] }) },
        User: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          nordbankScore: () => 7,
          nordbankCredit: (_: unknown, __: unknown, { subject }: Asked) => ({ limit: '100.00', note: `for ${subject}` }),
        },
      } as never,
    },
  ]);
}

/** Starts a bank's subgraph over HTTP, which knows our requests by these keys. */
export async function startBank(keys: Readonly<Record<string, KeyObject>>, sdl = BANK_SDL): Promise<Bank> {
  const schema = schemaOf(sdl);
  const asked: Asked[] = [];
  let url = '';
  let answering: Answering | undefined;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString('utf8');
    const headers = request.headers as Record<string, string | undefined>;
    const { ok } = await verifyRequest({ url, headers, body }, keys, Date.now());
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
    const seen: Asked = { body, query, variables, headers: request.headers, isSigned: ok, subject: headers['tael-subject'] };
    asked.push(seen);
    const honest = async (): Promise<object> =>
      execute({ schema, document: parse(query), variableValues: variables ?? {}, contextValue: seen });
    if (answering) return void answering(request, response, honest);
    send(response, await honest());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  return {
    url,
    asked,
    set answering(next) {
      answering = next;
    },
    get answering() {
      return answering;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Told {
  readonly id: string;
  readonly partnerId: string;
  readonly slug: string;
  readonly address: string;
  readonly sdl: string;
  readonly former?: Omit<Told, 'former'>;
}

/** Merchants, which tells of these banks beside its graph. */
export interface Merchants {
  readonly url: string;
  /** The signed headers of those who asked for the banks. */
  readonly signed: (string | undefined)[];
  /** Where its graph is. */
  graphUrl: string;
  isAway: boolean;
  /** What gateways said that they leave out, each time. */
  readonly leftOut: { readonly signed: string | undefined; readonly body: string }[];
  tell(...subgraphs: Told[]): void;
  close(): Promise<void>;
}

export async function startMerchants(): Promise<Merchants> {
  let told: { version: string; subgraphs: object[] } = { version: '0', subgraphs: [] };
  let version = 0;
  const signed: (string | undefined)[] = [];
  const leftOut: { signed: string | undefined; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const at = new URL(request.url!, 'http://merchants');
    if (at.pathname === '/.well-known/partner-subgraphs') {
      signed.push(request.headers['x-tael-identity'] as string | undefined);
      if (merchants.isAway) return void response.writeHead(503).end();
      const isKnown = at.searchParams.get('known') === told.version;
      return send(response, isKnown ? { ...told, subgraphs: null } : told);
    }
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (at.pathname === '/.well-known/partner-subgraphs/left-out') {
      leftOut.push({ signed: request.headers['x-tael-identity'] as string | undefined, body: Buffer.concat(parts).toString() });
      return void response.writeHead(204).end();
    }
    const { connection: _connection, host: _host, 'content-length': _length, ...headers } = request.headers;
    const answer = await fetch(merchants.graphUrl, { method: 'POST', headers: headers as Record<string, string>, body: Buffer.concat(parts) });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const merchants: Merchants = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    signed,
    leftOut,
    graphUrl: '',
    isAway: false,
    tell(...subgraphs) {
      told = { version: String((version += 1)), subgraphs };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return merchants;
}
