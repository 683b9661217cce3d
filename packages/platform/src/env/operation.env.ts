import { z } from 'zod';

const milliseconds = z.coerce.number().int().min(0).max(600_000);
const atLeastOne = z.coerce.number().int().positive();

/** How a process is operated, whatever it does: its second door, its traces, its end. */
export const operationFields = {
  /** Where `/live`, `/ready` and `/metrics` answer besides; `/metrics` then answers only there. */
  MANAGEMENT_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  MANAGEMENT_HOST: z.string().default('127.0.0.1'),
  /** How long a process that is asked to end goes on taking requests, so that callers see that it is not ready. */
  DRAIN_MS: milliseconds.default(1_000),
  /** The base address of an OpenTelemetry collector, OTLP over HTTP; without it nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  /** The share of traces that is told. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
};

/** What a service takes on at once: see platform/http/admission. */
export const admissionFields = {
  REQUESTS_IN_WORK_MAX: atLeastOne.default(128),
  REQUESTS_WAITING_MAX: z.coerce.number().int().min(0).default(1_024),
  REQUEST_WAIT_MS: milliseconds.min(1).default(2_000),
  EVENT_LOOP_DELAY_MAX_MS: atLeastOne.default(1_000),
  /** How long the oldest request may wait for a connection to the database before no other is begun. */
  DATABASE_WAIT_MAX_MS: atLeastOne.default(1_500),
};

export type OperationEnv = z.output<z.ZodObject<typeof operationFields>>;
type AdmissionEnv = z.output<z.ZodObject<typeof admissionFields>>;

/** Gives the settings of the traces of `service` in the form in which startTracing takes them. */
export function tracingOf<Log>(service: string, env: OperationEnv, log: Log): {
  service: string; endpoint: string | undefined; ratio: number; log: Log;
} {
  return { service, endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT, ratio: env.OTEL_TRACES_SAMPLER_ARG, log };
}

/** What a server needs of the settings: see createHttpServer and createSubgraphServer. */
export interface Serving {
  readonly drainMs: number;
  readonly management?: { readonly host: string; readonly port: number };
  readonly admission: {
    readonly inWorkMax: number;
    readonly waitingMax: number;
    readonly waitMs: number;
    readonly loopDelayMaxMs: number;
    readonly poolWaitMaxMs: number;
  };
}

/** Gives the settings of a server in the form in which it takes them. */
export function servingOf(env: OperationEnv & AdmissionEnv): Serving {
  return {
    drainMs: env.DRAIN_MS,
    ...(env.MANAGEMENT_PORT === undefined ? {} : { management: { host: env.MANAGEMENT_HOST, port: env.MANAGEMENT_PORT } }),
    admission: {
      inWorkMax: env.REQUESTS_IN_WORK_MAX,
      waitingMax: env.REQUESTS_WAITING_MAX,
      waitMs: env.REQUEST_WAIT_MS,
      loopDelayMaxMs: env.EVENT_LOOP_DELAY_MAX_MS,
      poolWaitMaxMs: env.DATABASE_WAIT_MAX_MS,
    },
  };
}
