import type { Logger } from '@tael/platform/log';
import type { ServerResponse } from 'node:http';
import { TooManyBadTokens } from '../callers/caller.service';
import { KeysUnknown } from '../callers/token.keys';
import { InvalidToken } from '../callers/token.verifier';
import { retryAfterSeconds } from '../limits/admission.check';
import { writeReply } from './answer.writer';
import { HttpRefusal, rateLimited } from './http.errors';
import type { ResultType } from './media-type.domain';

/** Turns what may go wrong with a token into what the client is told. */
function tokenRefusal(error: unknown): HttpRefusal | undefined {
  if (error instanceof InvalidToken) {
    return new HttpRefusal(
      401,
      'UNAUTHENTICATED',
      'The access token is not valid. Sign in again or refresh the session.',
      {
        'www-authenticate': 'Bearer error="invalid_token"',
      },
    );
  }
  if (error instanceof TooManyBadTokens) {
    return rateLimited(
      'Too many access tokens that are not valid came from your network.',
      retryAfterSeconds(error.waitMs),
    );
  }
  if (!(error instanceof KeysUnknown)) return undefined;
  return new HttpRefusal(503, 'SERVICE_UNAVAILABLE', 'Tokens cannot be checked right now. Try again in a moment.', {
    'retry-after': '2',
  });
}

/** What a client is told of a refusal beside its message. */
export function extensionsOf({ code, status, headers }: HttpRefusal, reference: string): Record<string, unknown> {
  const after = headers['retry-after'];
  return {
    code,
    reference,
    ...(status === 503 ? { retryable: true } : {}),
    ...(after === undefined ? {} : { retryAfterSeconds: Number(after) }),
  };
}

/** Tells a client why its request came to nothing; a fault of ours only by its reference, under which it is logged. */
export function writeRefusal(
  response: ServerResponse,
  error: unknown,
  { reference, type, log }: { reference: string; type: ResultType; log: Logger },
): void {
  const refusal = error instanceof HttpRefusal ? error : tokenRefusal(error);
  if (refusal) {
    for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
    return writeReply(response, {
      status: refusal.status,
      type,
      result: { errors: [{ message: refusal.message, extensions: extensionsOf(refusal, reference) }] },
    });
  }
  log.error({ error, reference }, 'a request failed at the door');
  const message = `Something went wrong on our side. Reference: ${reference}`;
  const extensions = { code: 'INTERNAL_SERVER_ERROR', reference };
  writeReply(response, { status: 500, type, result: { errors: [{ message, extensions }] } });
}
