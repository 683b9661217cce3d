export { traceId, traceparent } from './traceparent';
export {
  carriedOn, clock, currentTraceparent, type EndedSpan, isTracing, setSpanSink, type Span, type SpanAttributes, type SpanKind,
  type SpanSink, type SpanStart, tell, traced,
} from './tracing';
export { startTracing, type Tracing, type TracingSettings } from './exporter';
