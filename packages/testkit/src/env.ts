/** The servers that tests run against, as scripts/test.mjs or a developer put them into the environment. */
export interface TestEnvironment {
  /** A superuser's address on the Postgres server that holds the databases of the test files. */
  readonly databaseUrl: string | undefined;
  readonly brokers: readonly string[] | undefined;
  /** EVENT_BUS=kafka: a missing broker is a failure, never a skipped test. */
  readonly kafkaPinned: boolean;
}

/** Reads the environment. */
export function testEnvironment(source: NodeJS.ProcessEnv = process.env): TestEnvironment {
  const brokers = (source['TAEL_TEST_KAFKA_BROKERS'] ?? '').split(',').map((broker) => broker.trim()).filter(Boolean);
  return {
    databaseUrl: source['TAEL_TEST_DATABASE_URL'] || undefined,
    brokers: brokers.length > 0 ? brokers : undefined,
    kafkaPinned: source['EVENT_BUS'] === 'kafka',
  };
}
