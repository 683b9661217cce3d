import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PreferencesService } from './preferences.service';
import type { UnsubscribeService } from './unsubscribe.service';

const STYLE = 'body { font: 1.1rem system-ui; max-width: 30rem; margin: 4rem auto; padding: 0 1rem }';
const page = (content: string): string => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Tael: offers</title>
<style>${STYLE}</style><body>${content}</body></html>`;

/** The page runs nothing, loads nothing, stands in no frame, and posts to where it came from. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
const HEADERS = {
  'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff',
  'content-security-policy': POLICY,
  // Browsers take it over https alone.
  'strict-transport-security': 'max-age=31536000',
};

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
  parts: { unsubscribe: UnsubscribeService; preferences: PreferencesService },
): void {
  void server.register(async (routes) => {
    // What a form or a one click posts says nothing more than the address does.
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data']) {
      routes.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: 4_096 }, (_request, _body, done) =>
        done(null, null),
      );
    }
    const html = (reply: FastifyReply, status: number, text: string): FastifyReply =>
      reply.code(status).headers(HEADERS).send(text);
    const who = (request: FastifyRequest): Promise<string | null> =>
      parts.unsubscribe.personOf((request.query as { token?: unknown }).token);
    routes.get('/unsubscribe', async (request, reply) =>
      (await who(request)) ? html(reply, 200, FORM) : html(reply, 404, UNKNOWN),
    );
    routes.post('/unsubscribe', async (request, reply) => {
      const personId = await who(request);
      if (!personId) return html(reply, 404, UNKNOWN);
      await parts.preferences.update(personId, { marketingOptIn: false });
      return html(reply, 200, DONE);
    });
  });
}
