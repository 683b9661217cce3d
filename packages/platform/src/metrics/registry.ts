import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What this process counts. One registry a process: a service is a process. */
const registry = new Registry();

/** Seconds, from a fast read to a request that gives up. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

/** How many of something a batch holds. */
export const COUNTS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000] as const;

type Named = `tael_${string}`;

interface MetricOptions<Label extends string> {
  /** By the conventions of Prometheus: base units (seconds, bytes), counters end in `_total`. */
  name: Named;
  help: string;
  /** Only what has few values: a kind, a code, an outcome. Never an id, an address or a text of a client. */
  labels?: readonly Label[];
}

interface GaugeOptions<Label extends string> extends MetricOptions<Label> {
  /** Sets the gauge when somebody asks; a fault leaves the value as it was. Given again, the newest counts. */
  collect?: (gauge: Gauge<Label>) => void | Promise<void>;
}

// The metric that was made first stands: a test makes the parts of a service more than once.
function once<T>(name: string, make: () => T): T {
  return (registry.getSingleMetric(name) as T | undefined) ?? make();
}

/** Gives the counter of that name: it only grows. */
export function counter<Label extends string = never>(options: MetricOptions<Label>): Counter<Label> {
  const { name, help, labels = [] } = options;
  return once(name, () => new Counter({ name, help, labelNames: [...labels], registers: [registry] }));
}

/** Gives the histogram of that name, in seconds unless `buckets` say otherwise. */
export function histogram<Label extends string = never>(
  options: MetricOptions<Label> & { buckets?: readonly number[] },
): Histogram<Label> {
  const { name, help, labels = [], buckets = SECONDS } = options;
  return once(name, () => new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [registry] }));
}

const collectors = new Map<string, () => void | Promise<void>>();

/** Gives the gauge of that name: a level that goes up and down. */
export function gauge<Label extends string = never>(options: GaugeOptions<Label>): Gauge<Label> {
  const { name, help, labels = [], collect } = options;
  const made = once(name, () => new Gauge({
    name, help, labelNames: [...labels], registers: [registry],
    // One part that cannot be asked must not take the figures of all others along.
    collect: () => Promise.resolve().then(collectors.get(name)).catch(() => undefined),
  }));
  if (collect) collectors.set(name, () => collect(made));
  return made;
}

/** Writes everything that is counted in the text format of Prometheus. */
export function metricsText(): Promise<string> {
  return registry.metrics();
}

/** The media type of {@link metricsText}. */
export const METRICS_TYPE: string = registry.contentType;

/** The registry itself, for what registers its own metrics, such as those of the process. */
export const metricsRegistry: Registry = registry;
