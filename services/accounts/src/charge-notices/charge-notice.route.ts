import type { KeyObject } from 'node:crypto';
import type { KeyEntry } from '@tael/platform/env';
import { IDENTITY_HEADER, verifyIdentity } from '@tael/platform/identity';
import { isAway } from '@tael/platform/postgres';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readNotice } from './charge-notice.reader';
import type { ChargeNoticeService } from './charge-notice.service';
import { isGenuine } from './notice.signature';

/** Where the card processor tells of charges; the gateway passes it on. */
export const CHARGE_NOTICES_PATH = '/processor/notices';
const BODY_BYTES_MAX = 16 * 1024;

interface NoticeRouteParts {
  readonly chargeNotices: ChargeNoticeService;
  readonly identityKeys: readonly KeyEntry[];
  readonly noticeKeys: readonly KeyObject[];
  /** The time by which the processor signs. */
  readonly real: () => Date;
}

/**
 * Serves the door of the card processor's notices to whoever signs as the gateway does. 204 says that a notice is kept, or that nobody wants
 * it; whatever else it hears, the processor sends it again.
 */
export async function serveChargeNotices(server: FastifyInstance, parts: NoticeRouteParts): Promise<void> {
  await server.register(async (door) => {
    door.removeAllContentTypeParsers();
    // The signature is over the bytes: nothing may read and write them anew.
    door.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_BYTES_MAX }, (_request, body, done) => done(null, body));
    door.setErrorHandler((error: FastifyError, request, reply) => {
      if (isAway(error)) return reply.code(503).header('retry-after', '1').send({ error: 'temporarily_unavailable' });
      const status = error.statusCode ?? 500;
      if (status >= 500) request.log.error({ error }, 'the door of the card processor had a fault');
      return reply.code(status).send({ error: status >= 500 ? 'server_error' : 'invalid_notice' });
    });
    door.post(CHARGE_NOTICES_PATH, (request, reply) => take(parts, request, reply));
  });
}

async function take({ chargeNotices, identityKeys, noticeKeys, real }: NoticeRouteParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = typeof request.body === 'string' ? request.body : '';
  const header = (name: string): string => String(request.headers[name] ?? '');
  const now = real();
  const message = { id: header('webhook-id'), timestamp: header('webhook-timestamp'), signature: header('webhook-signature'), body };
  const passedOn = verifyIdentity(header(IDENTITY_HEADER), body, identityKeys, now.getTime());
  if (!passedOn || !isGenuine(message, noticeKeys, now)) return reply.code(401).send({ error: 'unauthorized' });
  const notice = readNotice(message.id, body);
  if (notice === undefined) {
    request.log.error({ noticeId: message.id }, 'a notice that the card processor signed cannot be read');
    return reply.code(400).send({ error: 'invalid_notice' });
  }
  if (notice !== 'foreign') await chargeNotices.keep(notice);
  return reply.code(204).send();
}
