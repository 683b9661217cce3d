import type { IncomingMessage, ServerResponse } from 'node:http';
import { notFound } from '../http/front.server';
import { requestUrl } from '../http/request.url';
import { setSecurityHeaders } from '../http/security.headers';
import type { PartnerDoor } from './partner.door';

/** Serves the partners' door and nothing else. */
export function servePartnersAlone(door: PartnerDoor, hstsSeconds: number) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    setSecurityHeaders(response, hstsSeconds);
    const url = requestUrl(request.url);
    if (!url || !door.serves(url.pathname)) return notFound(response);
    door.handle(request, response, url).catch(() => (response.headersSent ? response.destroy() : notFound(response)));
  };
}
