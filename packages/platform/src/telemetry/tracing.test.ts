import { isSampled } from './exporter';
import { carriedOn, currentTraceparent, type EndedSpan, setSpanSink, traced, traceId } from './index';

const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a span', () => {
  const spans: EndedSpan[] = [];
  beforeEach(() => {
    spans.length = 0;
    setSpanSink((span) => void spans.push(span));
  });
  afterEach(() => setSpanSink(undefined));

  it('continues its parent, and is the parent of what runs in it', async () => {
    await traced({ name: 'outer', kind: 'server', parent }, async (outer) => {
      await traced({ name: 'inner', kind: 'client' }, (inner) => {
        expect(currentTraceparent()).toBe(inner!.traceparent);
      });
      expect(currentTraceparent()).toBe(outer!.traceparent);
    });
    const [inner, outer] = spans as [EndedSpan, EndedSpan];
    expect(outer).toMatchObject({ name: 'outer', kind: 'server', parent });
    expect(inner).toMatchObject({ name: 'inner', kind: 'client', parent: outer.traceparent });
    expect(traceId(inner.traceparent)).toBe(traceId(parent));
    expect(inner.endedAt).toBeLessThanOrEqual(outer.endedAt);
    expect(outer.endedAt).toBeGreaterThanOrEqual(outer.startedAt);
  });

  it('tells the class of an error that ends it, and lets it pass', async () => {
    await expect(traced({ name: 'bad', kind: 'internal' }, () => Promise.reject(new TypeError('a secret')))).rejects.toThrow('a secret');
    expect(spans[0]).toMatchObject({ name: 'bad', fault: 'TypeError' });
    expect(JSON.stringify(spans)).not.toContain('secret');
  });

  it('takes the name and fault that were found while it ran', async () => {
    await traced({ name: 'request', kind: 'server' }, (span) => {
      span!.name = 'Mutation.payMerchant';
      span!.fault = 'SERVICE_BUSY';
    });
    expect(spans[0]).toMatchObject({ name: 'Mutation.payMerchant', fault: 'SERVICE_BUSY' });
  });

  it('is what its effects carry on; without spans they carry a new step of the trace', () => {
    expect(carriedOn(parent)).toBe(parent);
    expect(traceId(carriedOn(undefined))).toBeDefined();
    setSpanSink(undefined);
    expect(carriedOn(parent)).not.toBe(parent);
    expect(traceId(carriedOn(parent))).toBe(traceId(parent));
  });

  it('is nothing where nobody takes spans', async () => {
    setSpanSink(undefined);
    expect(await traced({ name: 'off', kind: 'internal' }, (span) => [span, currentTraceparent()])).toEqual([undefined, undefined]);
    expect(spans).toEqual([]);
  });
});

describe('sampling', () => {
  const ids = Array.from({ length: 2_000 }, (_none, i) => (BigInt(i + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n).toString(16).slice(-32).padStart(32, '0'));
  it.each([[0, 0, 0], [1, 2_000, 2_000], [0.25, 400, 600]])('of %d takes its share', (ratio, least, most) => {
    const taken = ids.filter((id) => isSampled(id, ratio)).length;
    expect(taken).toBeGreaterThanOrEqual(least);
    expect(taken).toBeLessThanOrEqual(most);
  });
});
