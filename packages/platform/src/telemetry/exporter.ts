import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace, type Tracer } from '@opentelemetry/api';
import type { IdGenerator, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../log';
import { type EndedSpan, setSpanSink } from './tracing';
import { idsOf } from './traceparent';

export interface TracingSettings {
  service: string;
  /** The base address of an OpenTelemetry collector (OTLP over HTTP); undefined leaves tracing off. */
  endpoint: string | undefined;
  /** The share of traces that is told, from 0 to 1; the same for all services, so that a trace is whole or absent. */
  ratio?: number;
  log: Logger;
}

/** Traces that are handed to a collector in batches, beside the work. */
export interface Tracing {
  /** Hands over what is left. */
  stop(): Promise<void>;
}

const KINDS = {
  internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER,
} as const;

// Our traces are carried in texts from gateway to channel, so a span's ids are known before the library sees it.
class GivenIds implements IdGenerator {
  next = { traceId: '', spanId: '' };
  generateTraceId = (): string => this.next.traceId;
  generateSpanId = (): string => this.next.spanId;
}

/** Says by the trace's own id whether it is told, so that every process decides alike. */
export function isSampled(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-8), 16) < ratio * 0x1_0000_0000;
}

function toTracer(tracer: Tracer, ids: GivenIds, span: EndedSpan): void {
  const own = idsOf(span.traceparent);
  if (!own) return;
  const above = idsOf(span.parent);
  const context = above
    ? trace.setSpanContext(ROOT_CONTEXT, { ...above, traceFlags: TraceFlags.SAMPLED, isRemote: true })
    : ROOT_CONTEXT;
  ids.next = own;
  const made = tracer.startSpan(
    span.name,
    { kind: KINDS[span.kind], startTime: span.startedAt, attributes: { ...span.attributes } },
    context,
  );
  if (span.fault) made.setStatus({ code: SpanStatusCode.ERROR, message: span.fault });
  made.end(span.endedAt);
}

/** Starts to hand traces to a collector, where the settings name one. The library is loaded only then. */
export async function startTracing(settings: TracingSettings): Promise<Tracing> {
  const { endpoint, service, ratio = 1, log } = settings;
  if (!endpoint) return { stop: async () => undefined };
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const ids = new GivenIds();
  const exporter: SpanExporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces`, timeoutMillis: 5_000 });
  const provider = new sdk.BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'tael' }),
    idGenerator: ids,
    spanProcessors: [new sdk.BatchSpanProcessor(exporter, { maxQueueSize: 8_192, scheduledDelayMillis: 1_000 })],
  });
  const tracer = provider.getTracer('tael');
  setSpanSink((span) => {
    if (isSampled(idsOf(span.traceparent)?.traceId ?? '0', ratio)) toTracer(tracer, ids, span);
  });
  return {
    stop: async () => {
      setSpanSink(undefined);
      // A collector that is away must not hold the end of the process up.
      await provider.shutdown().catch((error: unknown) => log.warn({ error }, 'the last spans could not be handed over'));
    },
  };
}
