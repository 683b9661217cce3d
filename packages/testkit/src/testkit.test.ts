import { testBrokers } from './brokers';
import { testEnvironment } from './env';
import { eventually } from './eventually';

describe('eventually', () => {
  it('gives what the probe gives once it does not throw', async () => {
    let tries = 0;
    const probe = (): string => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
      return 'there';
    };
    await expect(eventually(probe)).resolves.toBe('there');
    expect(tries).toBe(3);
  });

  it('throws the last error in the end, named', async () => {
    let tries = 0;
    const probe = (): void => {
      tries += 1;
      throw new TypeError(`try ${tries}`);
    };
    const failed = eventually(probe, { timeoutMs: 120, describe: 'the balance' });
    await expect(failed).rejects.toThrow(TypeError);
    await expect(failed).rejects.toThrow(`the balance did not hold within 120 ms: try ${tries}`);
    expect(tries).toBeGreaterThan(1);
  });

  it('does not wait for a probe that never answers', async () => {
    const from = performance.now();
    await expect(eventually(() => new Promise(() => undefined), { timeoutMs: 100 })).rejects.toThrow('it never answered');
    expect(performance.now() - from).toBeLessThan(2_000);
  });

  it('fails where the expectation fails', async () => {
    await expect(eventually(() => expect(1).toBe(2), { timeoutMs: 60 })).rejects.toThrow('toBe');
  });
});

describe('the brokers of tests', () => {
  it.each([
    [{ TAEL_TEST_KAFKA_BROKERS: 'a:1, b:2' }, ['a:1', 'b:2']],
    [{ TAEL_TEST_KAFKA_BROKERS: '' }, undefined],
    [{}, undefined],
    [{ EVENT_BUS: 'postgres' }, undefined],
    [{ EVENT_BUS: 'kafka', TAEL_TEST_KAFKA_BROKERS: 'a:1' }, ['a:1']],
  ] as [NodeJS.ProcessEnv, string[] | undefined][])('%j: %j', (source, brokers) => {
    expect(testBrokers(testEnvironment(source))).toEqual(brokers);
  });
  it('are a must where Kafka is demanded', () => {
    expect(() => testBrokers(testEnvironment({ EVENT_BUS: 'kafka' }))).toThrow('names no broker');
  });
});
