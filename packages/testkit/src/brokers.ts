import { type TestEnvironment, testEnvironment } from './env';

/**
 * Gives the addresses of the Kafka that tests use, or undefined where there is none and none is demanded.
 * @throws Error with EVENT_BUS=kafka and no broker: a suite that must run cannot pass by being skipped
 */
export function testBrokers(environment: TestEnvironment = testEnvironment()): readonly string[] | undefined {
  if (environment.brokers || !environment.kafkaPinned) return environment.brokers;
  throw new Error('EVENT_BUS=kafka, but TAEL_TEST_KAFKA_BROKERS names no broker');
}
