import { interleaved } from './interleave';

const messages = ['a', 'b', 'c'].flatMap((topic) => ['x', 'y'].flatMap((key) => [1, 2, 3, 4].map((value) => ({ topic, key, value }))));
const laneOf = (all: readonly (typeof messages)[number][], topic: string, key: string): number[] =>
  all.filter((one) => one.topic === topic && one.key === key).map(({ value }) => value);

describe('interleaved', () => {
  it.each([1, 7, 4_711])('keeps the order of each key in each topic, each lane as often as it is told to (seed %i)', (seed) => {
    const twice = interleaved(messages, { seed, times: 2 });
    expect(twice).toHaveLength(2 * messages.length);
    for (const topic of ['a', 'b', 'c']) for (const key of ['x', 'y']) expect(laneOf(twice, topic, key)).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  });

  it('crosses topics and keys, another way for another seed and the same for the same', () => {
    const [one, again, other] = [interleaved(messages, { seed: 1 }), interleaved(messages, { seed: 1 }), interleaved(messages, { seed: 2 })];
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
    const changes = one.filter(({ topic }, index) => index > 0 && topic !== one[index - 1]!.topic).length;
    expect(changes).toBeGreaterThan(6);
  });
});
