import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { BusAccess } from '../bus/bus.factory';

/** The certificates of authorities, as PEM, by the file that has them. */
const authorities = z.string().transform((file, context) => {
  try {
    const pem = readFileSync(file, 'utf8');
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
    context.addIssue({ code: 'custom', message: 'must name a file of certificates in PEM' });
  } catch (error) {
    context.addIssue({ code: 'custom', message: `cannot be read: ${(error as Error).message}` });
  }
  return z.NEVER;
});

/** Where the bus is, and how a service signs in to it. */
export const busFields = {
  EVENT_BUS: z.enum(['kafka', 'postgres']),
  KAFKA_BROKERS: z.string().transform((list) => list.split(',').map((broker) => broker.trim())).optional(),
  KAFKA_TLS: z.enum(['true', 'false']).default('false').transform((text) => text === 'true'),
  /** Whom to believe that a broker is one, where its certificate is of no public authority. */
  KAFKA_CA_FILE: authorities.optional(),
  /** SCRAM-SHA-512: what this service may read and write is the broker's to know by its name. */
  KAFKA_USERNAME: z.string().min(1).optional(),
  KAFKA_PASSWORD: z.string().min(1).optional(),
  BUS_DATABASE_URL: z.url().optional(),
  /** How long the Postgres bus keeps what every group has worked off. */
  BUS_DAYS: z.coerce.number().int().positive().default(30),
};

export type BusEnv = z.output<z.ZodObject<typeof busFields>>;

/** Gives what does not go together in the settings of the bus: a name of a setting, and what is wrong with it. */
export function busProblems(env: BusEnv): readonly (readonly [name: keyof BusEnv, message: string])[] {
  const { KAFKA_USERNAME: username, KAFKA_PASSWORD: password, KAFKA_TLS: tls } = env;
  return [
    ...(env.EVENT_BUS === 'kafka' && !env.KAFKA_BROKERS ? [['KAFKA_BROKERS', 'is needed with EVENT_BUS=kafka'] as const] : []),
    ...(env.EVENT_BUS === 'postgres' && !env.BUS_DATABASE_URL ? [['BUS_DATABASE_URL', 'is needed with EVENT_BUS=postgres'] as const] : []),
    ...(env.KAFKA_CA_FILE && !tls ? [['KAFKA_CA_FILE', 'is of no use without KAFKA_TLS=true'] as const] : []),
    ...((username === undefined) === (password === undefined) ? [] : [['KAFKA_USERNAME', 'and KAFKA_PASSWORD are needed together'] as const]),
    ...(password !== undefined && !tls ? [['KAFKA_PASSWORD', 'is sent to nobody in clear: it needs KAFKA_TLS=true'] as const] : []),
  ];
}

/** Gives the settings of the bus in the form in which createBus takes them. */
export function busOf(env: BusEnv): BusAccess {
  if (env.EVENT_BUS === 'postgres') return { kind: 'postgres', url: env.BUS_DATABASE_URL ?? '', keepDays: env.BUS_DAYS };
  const { KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = env;
  return {
    kind: 'kafka',
    brokers: env.KAFKA_BROKERS ?? [],
    ...(env.KAFKA_TLS ? { tls: env.KAFKA_CA_FILE === undefined ? {} : { authorities: env.KAFKA_CA_FILE } } : {}),
    ...(username !== undefined && password !== undefined ? { user: { name: username, password } } : {}),
  };
}
