import type { Logger } from '@tael/platform/log';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Callers } from '../callers/caller.service';
import { HttpRefusal, rateLimited } from '../http/http.errors';
import type { GraphQLHandler } from '../http/graphql.handler';
import { JSON_TYPE } from '../http/media-type.domain';
import { writeRefusal } from '../http/refusal.writer';
import { RATE_MESSAGE, retryAfterSeconds } from '../limits/admission.check';
import { REFUSED_UNITS, type Rates } from '../limits/rate.service';
import type { OAuthProxy } from './oauth.proxy';
import { writeVisitRefusal } from './visit.refusal';

export const PARTNER_GRAPHQL_PATH = '/partner/graphql';
/** Where banks with subgraphs of their own read the keys that sign what they are asked. */
export const SUBGRAPH_KEYS_PATH = '/partner/subgraph-keys';
const KEYS_AGE_S = 300;

/** Everything that partner banks may reach, on whichever server. */
export interface PartnerDoor {
  serves(path: string): boolean;
  handle: GraphQLHandler;
}

export interface PartnerDoorOptions {
  graphql: GraphQLHandler;
  oauth: OAuthProxy;
  callers: Pick<Callers, 'originOf'>;
  rates: Rates;
  subgraphKeys?: object | undefined;
  log: Logger;
}

function sendKeys(request: IncomingMessage, response: ServerResponse, keys: object): void {
  if (request.method !== 'GET') throw new HttpRefusal(405, 'BAD_USER_INPUT', 'Keys are read by GET.', { allow: 'GET' });
  response.writeHead(200, { 'content-type': 'application/jwk-set+json', 'cache-control': `public, max-age=${KEYS_AGE_S}` }).end(JSON.stringify(keys));
}

/** Refuses what only a browser sends: a page has no business here, so it is not even told what it could do. */
function refuseBrowsers({ headers }: IncomingMessage): void {
  if (headers.origin === undefined && headers['sec-fetch-site'] === undefined) return;
  throw new HttpRefusal(403, 'FORBIDDEN', 'Web pages may not call here.');
}

export function createPartnerDoor(options: PartnerDoorOptions): PartnerDoor {
  const { graphql, oauth, callers, rates, subgraphKeys, log } = options;

  async function serveGraphQL(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (request.method !== 'POST') {
      throw new HttpRefusal(405, 'BAD_USER_INPUT', 'Partners ask by POST.', { allow: 'POST' });
    }
    return graphql(request, response, url);
  }

  return {
    serves: (path) => path === PARTNER_GRAPHQL_PATH || (path === SUBGRAPH_KEYS_PATH && subgraphKeys !== undefined) || oauth.serves(path),
    async handle(request, response, url) {
      const origin = callers.originOf(request);
      response.setHeader('x-request-id', origin.reference);
      const asker = { principal: null, address: origin.address };
      try {
        if (!oauth.isForBrowsers(url.pathname)) refuseBrowsers(request);
        if (url.pathname === PARTNER_GRAPHQL_PATH) return await serveGraphQL(request, response, url);
        // Nobody is known there yet: the network pays.
        const waitMs = rates.take(asker, REFUSED_UNITS);
        if (waitMs > 0) throw rateLimited(RATE_MESSAGE, retryAfterSeconds(waitMs));
        if (url.pathname === SUBGRAPH_KEYS_PATH) return sendKeys(request, response, subgraphKeys!);
        return await oauth.pass(request, response, { url, origin });
      } catch (error) {
        if (error instanceof HttpRefusal && error.status < 429) rates.countRefused(asker);
        if (oauth.isForBrowsers(url.pathname)) {
          return writeVisitRefusal(response, error, { reference: origin.reference, acceptLanguage: origin.acceptLanguage, log });
        }
        writeRefusal(response, error, { reference: origin.reference, type: JSON_TYPE, log });
      }
    },
  };
}
