import { count, keyRing, port, readEnv } from '@tael/platform/env';
import { z } from 'zod';

const shape = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port,
  SMTP_PORT: port,
  DATABASE_URL: z.url(),
  CARD_PROCESSOR_SECRET: z.string().min(16),
  /** The public Ed25519 keys of the bank's client (id:base64, with commas between), and the bank's address as the client was told it. */
  BANK_CLIENT_KEYS: keyRing,
  BANK_ADDRESS: z.url(),
  /** Where the card processor's notices go, and the Ed25519 key that signs them (PKCS #8 in base64); without either none are sent. */
  CARD_NOTICES_URL: z.url().optional(),
  CARD_PROCESSOR_NOTICE_KEY: z.base64().optional(),
  /** How many days mails and pushes are kept. */
  MESSAGE_DAYS: count.default(7),
  /** Makes the time of this stack movable. */
  MOVABLE_CLOCK: z.enum(['true', 'false']).default('false'),
  /** The databases whose clock goes with it, separated by spaces. */
  CLOCK_DATABASE_URLS: z.string().default('').transform((text) => text.split(' ').filter(Boolean)),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type Env = z.output<typeof shape>;

/** Reads the settings of the sandbox, or prints what is wrong with them and exits. */
export function readSandboxEnv(source?: NodeJS.ProcessEnv): Env {
  return readEnv(shape, source);
}
