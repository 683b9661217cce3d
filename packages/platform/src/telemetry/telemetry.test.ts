import { traceId, traceparent } from './index';

const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('trace context', () => {
  it('continues the trace of a valid parent in a new span', () => {
    const child = traceparent(parent);
    expect(child).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
    expect(child).not.toBe(parent);
    expect(traceId(child)).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });

  it.each([
    undefined, '', 'nonsense', parent.toUpperCase(), parent.slice(0, -1), `${parent}-00`, `ff${parent.slice(2)}`, `${parent}\n`,
  ])('begins a new trace after %j', (given) => {
    const begun = traceparent(given);
    expect(begun).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(begun).not.toContain('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(traceId(given)).toBeUndefined();
  });

  it('never begins the same trace twice', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => traceId(traceparent()))).size).toBe(10_000);
  });

  it('never gives two spans of a trace one id, nor one that is part of another', () => {
    const spans = Array.from({ length: 10_000 }, () => traceparent(parent).split('-')[2]!);
    expect(new Set(spans.flatMap((span) => [span.slice(0, 8), span.slice(8)])).size).toBeGreaterThan(19_950);
  });
});
