import type { Sealer } from '@tael/platform/seal';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PreferencesService } from './preferences.service';

const OWNER = 'unsubscribe';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TOKEN_MAX = 512;

/** Gives the address at which a person stops offers: unguessable, and it says nothing about them. */
export function unsubscribeUrl(base: string, sealer: Sealer, personId: string): string {
  return `${base}?token=${sealer.seal(personId, OWNER)}`;
}

function personOf(sealer: Sealer, token: unknown): string | null {
  if (typeof token !== 'string' || token.length > TOKEN_MAX) return null;
  try {
    const personId = sealer.open(token, OWNER);
    return UUID.test(personId) ? personId : null;
  } catch {
    return null;
  }
}

const page = (content: string): string => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Tael: offers</title>
<body style="font: 1.1rem system-ui; max-width: 30rem; margin: 4rem auto; padding: 0 1rem">${content}</body></html>`;

const FORM = page(
  '<h1>No more offers?</h1><p>Payment and security messages still come.</p><form method="post"><button>Stop offers</button></form>',
);
const DONE = page('<h1>Done</h1><p>You will get no more offers. 您将不再收到优惠信息。</p>');
const UNKNOWN = page('<h1>This link does not work</h1>');

/**
 * The unsubscribe page of mails. Looking at it changes nothing, since mail scanners open every link; posting to it, by
 * its button or by a mail program's one click (RFC 8058), takes the consent back at once, without signing in.
 */
export function unsubscribeRoutes(
  server: FastifyInstance,
  parts: { sealer: Sealer; preferences: PreferencesService },
): void {
  void server.register(async (routes) => {
    // What a form or a one click posts says nothing more than the address does.
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data']) {
      routes.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: 4_096 }, (_request, _body, done) =>
        done(null, null),
      );
    }
    const html = (reply: FastifyReply, status: number, text: string): FastifyReply =>
      reply
        .code(status)
        .headers({
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          'referrer-policy': 'no-referrer',
        })
        .send(text);
    const who = (request: FastifyRequest): string | null =>
      personOf(parts.sealer, (request.query as { token?: unknown }).token);
    routes.get('/unsubscribe', (request, reply) => (who(request) ? html(reply, 200, FORM) : html(reply, 404, UNKNOWN)));
    routes.post('/unsubscribe', async (request, reply) => {
      const personId = who(request);
      if (!personId) return html(reply, 404, UNKNOWN);
      await parts.preferences.update(personId, { marketingOptIn: false });
      return html(reply, 200, DONE);
    });
  });
}
