import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { SandboxClock } from './sandbox-clock';

const DAY_SECONDS = 86_400;
/** The services look at their clock every quarter of a second, the gateway every other second. */
export const SEEN_BY_ALL_MS = 3_000;

const input = z.object({ advanceSeconds: z.int().min(1).max(400 * DAY_SECONDS) });
const FIXED = { error: 'This clock cannot be moved: only that of a stack that was started with TAEL_SANDBOX=true can.' };

/** `GET /clock` says what the time is; `POST /clock` `{ advanceSeconds }` moves it on, and answers once everybody has seen it. */
export function clockRoutes(server: FastifyInstance, clock: SandboxClock, seenByAllMs = SEEN_BY_ALL_MS): void {
  const shown = async (): Promise<{ now: Date; aheadSeconds: number } | null> => {
    const read = await clock.read();
    return read && { now: read.now, aheadSeconds: read.aheadMs / 1_000 };
  };
  server.get('/clock', async (_request, reply) => (await shown()) ?? reply.code(409).send(FIXED));
  server.post('/clock', async (request, reply) => {
    const parsed = input.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
    if (!(await clock.read())) return reply.code(409).send(FIXED);
    await clock.advance(parsed.data.advanceSeconds * 1_000);
    await sleep(seenByAllMs);
    return shown();
  });
}
