import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

export const CHANNELS = ['card', 'mail', 'push', 'bank'] as const;
export type FaultChannel = (typeof CHANNELS)[number];

/** `fail`: a passing fault (SMTP 451, HTTP 503). `reject`: a lasting one (SMTP 550, HTTP 410; a declined charge, an order that is not taken). */
export type FaultMode = 'fail' | 'reject' | 'delay';

export interface Fault {
  readonly mode: FaultMode;
  readonly delayMs: number;
}

/** What the next calls of a channel shall suffer. Knobs live as long as the process: a restart is a healthy world. */
export interface Faults {
  /** Gives what this call suffers, and counts it; for `delay` it has waited already. */
  take(channel: FaultChannel): Promise<FaultMode | undefined>;
  set(channel: FaultChannel, fault: Fault, count: number): void;
  list(): Record<FaultChannel, { mode: FaultMode; delayMs: number; remaining: number } | null>;
  clear(): void;
}

/** Makes the knobs, all off. */
export function createFaults(): Faults {
  const set = new Map<FaultChannel, { mode: FaultMode; delayMs: number; remaining: number }>();
  return {
    async take(channel) {
      const fault = set.get(channel);
      if (!fault) return undefined;
      fault.remaining -= 1;
      if (fault.remaining <= 0) set.delete(channel);
      if (fault.mode === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      return fault.mode;
    },
    set: (channel, fault, count) => void set.set(channel, { ...fault, remaining: count }),
    list: () => ({
      card: set.get('card') ?? null, mail: set.get('mail') ?? null, push: set.get('push') ?? null, bank: set.get('bank') ?? null,
    }),
    clear: () => set.clear(),
  };
}

const input = z.object({
  channel: z.enum(CHANNELS),
  mode: z.enum(['fail', 'reject', 'delay']),
  count: z.int().min(1).max(10_000).default(1),
  delayMs: z.int().min(0).max(60_000).default(1_000),
});

/** `POST /faults` sets a knob, `GET /faults` shows all, `DELETE /faults` turns all off. */
export function faultRoutes(server: FastifyInstance, faults: Faults): void {
  server.get('/faults', () => faults.list());
  server.post('/faults', (request, reply) => {
    const parsed = input.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
    const { channel, mode, count, delayMs } = parsed.data;
    faults.set(channel, { mode, delayMs }, count);
    return reply.send(faults.list());
  });
  server.delete('/faults', (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });
}
