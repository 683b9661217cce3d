import { counter, countProcess, gauge, histogram, metricsText } from './index';

describe('metrics', () => {
  it('writes what was counted in the text format', async () => {
    counter({ name: 'tael_test_things_total', help: 'Things.', labels: ['kind'] }).inc({ kind: 'A' }, 2);
    histogram({ name: 'tael_test_seconds', help: 'Time.' }).observe(0.004);
    const text = await metricsText();
    expect(text).toContain('tael_test_things_total{kind="A"} 2');
    expect(text).toContain('tael_test_seconds_bucket{le="0.0025"} 0');
    expect(text).toContain('tael_test_seconds_bucket{le="0.005"} 1');
    expect(text).toContain('# TYPE tael_test_things_total counter');
  });

  it('gives the same metric to whoever names it again', () => {
    const options = { name: 'tael_test_again_total', help: 'Again.' } as const;
    expect(counter(options)).toBe(counter(options));
  });

  it('asks a gauge when somebody wants to know; the newest source counts', async () => {
    const level = (value: number) => gauge({ name: 'tael_test_level', help: 'Level.', collect: (g) => g.set(value) });
    level(1);
    expect(await metricsText()).toContain('tael_test_level 1');
    level(7);
    expect(await metricsText()).toContain('tael_test_level 7');
  });

  it('goes on where one source fails', async () => {
    gauge({ name: 'tael_test_broken', help: 'Broken.', collect: () => Promise.reject(new Error('away')) });
    gauge({ name: 'tael_test_whole', help: 'Whole.', collect: (g) => g.set(3) });
    expect(await metricsText()).toContain('tael_test_whole 3');
  });

  it('counts the process under our prefix, once', async () => {
    countProcess();
    countProcess();
    const text = await metricsText();
    expect(text).toMatch(/tael_nodejs_eventloop_lag_seconds [\d.e-]+/);
    expect(text).toMatch(/tael_process_resident_memory_bytes \d+/);
  });
});
