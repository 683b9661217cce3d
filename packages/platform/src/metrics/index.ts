export { COUNTS, counter, gauge, histogram, METRICS_TYPE, metricsText, SECONDS } from './registry';
export { countProcess } from './process.metrics';
