import { z } from 'zod';
import { parseFailpoint } from '../failpoint/points';
import type { BusAccess } from '../bus/bus.factory';
import { busFields, busOf, busProblems } from './bus.env';
import { admissionFields, operationFields } from './operation.env';

export { type BusEnv, busOf } from './bus.env';
export { operationFields, type OperationEnv, type Serving, servingOf, tracingOf } from './operation.env';

/**
 * Reads a process's settings: parses all of them, prints every problem, not only the first, and exits with status 78
 * (EX_CONFIG). The one place where a process looks at its environment is its own env.ts, which calls this.
 */
export function readEnv<Shape extends z.ZodType>(shape: Shape, source: NodeJS.ProcessEnv = process.env): z.output<Shape> {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = shape.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.') || '(settings)'}: ${issue.message}`);
  process.stderr.write(`The settings in the environment are not usable:\n${problems.join('\n')}\n`);
  process.exit(78);
}

const busEnv = z.object(busFields).superRefine((env, context) => {
  for (const [name, message] of busProblems(env)) context.addIssue({ code: 'custom', path: [name], message });
});

/** Reads where the bus is and how one signs in to it, by the settings of the services: for tools that need no more. */
export const readBusEnv = (source: NodeJS.ProcessEnv): BusAccess => busOf(readEnv(busEnv, source));

/** A TCP port. */
export const port = z.coerce.number().int().min(0).max(65_535);

/** A positive whole number of anything: milliseconds, rows, connections. */
export const count = z.coerce.number().int().positive();

/** A key of 32 bytes, base64. */
export const key32 = z.string().transform((text, context) => {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 32) return bytes;
  context.addIssue({ code: 'custom', message: 'must be 32 bytes in base64' });
  return z.NEVER;
});

/** Numbered keys `id:base64` separated by commas; the first seals and signs, all open and verify. */
export const keyRing = z.string().transform((text, context) => {
  const keys = text.split(',').map((part) => {
    const at = part.indexOf(':');
    return { id: part.slice(0, at).trim(), key: Buffer.from(part.slice(at + 1).trim(), 'base64') };
  });
  const bad = keys.some((entry) => !/^[a-z0-9-]{1,32}$/.test(entry.id) || entry.key.length !== 32);
  if (!bad && new Set(keys.map((entry) => entry.id)).size === keys.length) return keys as [KeyEntry, ...KeyEntry[]];
  context.addIssue({ code: 'custom', message: 'must be id:key pairs, each key 32 bytes in base64, ids distinct' });
  return z.NEVER;
});

/** A key and the id that sealed data and signatures name it by. */
export interface KeyEntry {
  readonly id: string;
  readonly key: Buffer;
}

/** A key that was destroyed: what names it will never open again. */
export interface RetiredKey {
  readonly id: string;
  readonly key: null;
}

/** Keys that seal: the first seals, all open; of those that were retired the id is kept. */
export type SealRing = readonly [KeyEntry, ...(KeyEntry | RetiredKey)[]];

/** A ring like {@link keyRing}, in which `id:retired` stands for a key that was destroyed. The first is never one. */
export const sealRing = z.string().transform((text, context): SealRing => {
  const parts = text.split(',').map((part) => part.trim());
  const retired = parts.flatMap((part) => /^([a-z0-9-]{1,32}):retired$/.exec(part)?.[1] ?? []);
  const known = keyRing.safeParse(parts.filter((part) => !part.endsWith(':retired')).join(','));
  const ids = [...retired, ...(known.data ?? []).map(({ id }) => id)];
  if (known.success && ids.length === parts.length && new Set(ids).size === ids.length) {
    return [...known.data, ...retired.map((id) => ({ id, key: null }))] as unknown as SealRing;
  }
  const message = 'must be id:key pairs, each key 32 bytes in base64 or the word retired, ids distinct, at least one key';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const failpointSetting = z.string().transform((text, context) => {
  try {
    return parseFailpoint(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

/** What a service's migrate program takes: it runs before the rest of the platform is there. */
export const migrateEnv = z.object({
  DATABASE_URL: z.url(),
  /** Makes the clock of the database movable: for a sandbox alone, and for good. */
  MOVABLE_CLOCK: z.enum(['true', 'false']).default('false').transform((text) => text === 'true'),
});

/** What every service of Tael takes. Services extend it with their own. */
export const serviceEnv = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('production'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_URL: z.url(),
  DATABASE_POOL_SIZE: count.default(10),
  ...busFields,
  /** How long a consumer remembers which events it has worked off. */
  INBOX_DAYS: count.default(30),
  /** Shared with the gateway alone: signs who is asking on each request to a subgraph. */
  IDENTITY_KEYS: keyRing,
  /** Seals personal data at rest and on topics. */
  SEAL_KEYS: sealRing,
  ...operationFields,
  ...admissionFields,
  /** Points at which the fault suite stops the process: see platform/failpoint. */
  FAILPOINT: failpointSetting.optional(),
  FAILPOINT_FILE: z.string().optional(),
  /** Says that a process of production may have failpoints after all: the stacks of the fault suite. */
  FAILPOINTS_ALLOWED: z.enum(['true', 'false']).default('false'),
}).superRefine((env, context) => {
  const wantsFailpoints = env.FAILPOINT !== undefined || env.FAILPOINT_FILE !== undefined;
  if (wantsFailpoints && env.NODE_ENV === 'production' && env.FAILPOINTS_ALLOWED !== 'true') {
    const path = [env.FAILPOINT === undefined ? 'FAILPOINT_FILE' : 'FAILPOINT'];
    context.addIssue({ code: 'custom', path, message: 'is refused in production without FAILPOINTS_ALLOWED=true' });
  }
  for (const [name, message] of busProblems(env)) context.addIssue({ code: 'custom', path: [name], message });
});
