import { AsyncLocalStorage } from 'node:async_hooks';
import { traceId, traceparent } from './traceparent';

/** What a span is to the one that caused it, as OpenTelemetry names it. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  /** The traceparent of what caused it; where there is none the current span's, else a new trace begins. */
  readonly parent?: string | undefined;
  readonly attributes?: SpanAttributes;
}

/** Ids, names and counts. Nothing that a person typed, and nothing personal. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work that is being traced. What is set on it until it ends is told. */
export interface Span {
  /** What its own pieces and the events that it causes name as their parent. */
  readonly traceparent: string;
  name: string;
  attributes: SpanAttributes;
  /** A stable code or a class of error, where the work failed. */
  fault?: string;
}

/** A span that has ended. */
export interface EndedSpan extends SpanStart {
  readonly traceparent: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly fault?: string;
}

export type SpanSink = (span: EndedSpan) => void;

let sink: SpanSink | undefined;
const current = new AsyncLocalStorage<string>();

/** Sets where spans go; undefined switches tracing off. */
export function setSpanSink(next: SpanSink | undefined): void {
  sink = next;
}

/** Says whether anybody takes spans. Where nobody does, tracing costs one look at this. */
export function isTracing(): boolean {
  return sink !== undefined;
}

/** Gives the traceparent of the span that runs now, where tracing is on. */
export function currentTraceparent(): string | undefined {
  return sink && current.getStore();
}

/** Gives the traceparent that an effect of `cause` carries on: the span's own where spans are told, else a new step of its trace. */
export function carriedOn(cause: string | undefined): string {
  return sink && cause && traceId(cause) ? cause : traceparent(cause);
}

/**
 * Runs `work` as a span. Off, it runs with undefined and nothing else happens: whoever passes a traceparent on takes
 * `span?.traceparent ?? <what came in>`.
 */
export async function traced<T>(start: SpanStart, work: (span: Span | undefined) => Promise<T> | T): Promise<T> {
  if (!sink) return work(undefined);
  const { parent = current.getStore() } = start;
  const span: Span = { traceparent: traceparent(parent), name: start.name, attributes: start.attributes ?? {} };
  const startedAt = clock();
  try {
    return await current.run(span.traceparent, () => work(span));
  } catch (error) {
    span.fault ??= error instanceof Error ? error.name : 'Error';
    throw error;
  } finally {
    tell({ ...start, parent, ...span, startedAt, endedAt: clock() });
  }
}

/** Tells of a span that has ended already, such as one of many events in a batch. */
export function tell(span: EndedSpan): void {
  sink?.(span);
}

/** The time of spans: milliseconds since the epoch, with fractions. */
export const clock = (): number => performance.timeOrigin + performance.now();
