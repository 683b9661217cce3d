import fc from 'fast-check';
import { composeFitting } from './graph.fit';
import { DoesNotCompose, TooHardToCompose } from './graph.thread';

/** Composes what has no word with a `!` in it, and no two with the same letter. */
const compose = (asked: string[][] = []) => async (versions: readonly string[]): Promise<string> => {
  asked.push([...versions]);
  const bad = versions.find((version) => version.includes('!'));
  if (bad !== undefined) throw new DoesNotCompose(`${bad} is broken`);
  const letters = versions.map((version) => version[0]);
  if (new Set(letters).size < letters.length) throw new DoesNotCompose('two are alike');
  return versions.join();
};

it('composes once where all fit', async () => {
  const asked: string[][] = [];
  expect(await composeFitting([['a1'], ['b1', 'b0']], compose(asked))).toEqual({ supergraph: 'a1,b1', taken: ['a1', 'b1'], leftOut: [] });
  expect(asked).toHaveLength(1);
});

it('is the house alone where there is nobody, or nobody fits', async () => {
  expect(await composeFitting([], compose())).toEqual({ supergraph: undefined, taken: [], leftOut: [] });
  expect(await composeFitting([['a!']], compose())).toEqual({ supergraph: undefined, taken: [], leftOut: [{ wished: 'a!', instead: undefined, reason: 'a! is broken' }] });
});

it('leaves out who breaks, and keeps what they were where that fits', async () => {
  expect(await composeFitting([['a1'], ['b2!', 'b1'], ['c2!', 'c1!'], ['d1']], compose())).toEqual({
    supergraph: 'a1,b1,d1', taken: ['a1', 'b1', 'd1'],
    leftOut: [{ wished: 'b2!', instead: 'b1', reason: 'b2! is broken' }, { wished: 'c2!', instead: undefined, reason: 'c2! is broken' }],
  });
});

it('lets the first of two that contradict each other stay', async () => {
  const { taken, leftOut } = await composeFitting([['a1'], ['b1'], ['a2']], compose());
  expect([taken, leftOut]).toEqual([['a1', 'b1'], [{ wished: 'a2', instead: undefined, reason: 'two are alike' }]]);
});

it('blames nobody for what is no composition’s fault', async () => {
  await expect(composeFitting([['a1'], ['b1']], () => Promise.reject(new Error('no memory for a thread')))).rejects.toThrow('no memory');
});

it('blames no bank where the house alone does not compose', async () => {
  const broken = (): Promise<string> => Promise.reject(new DoesNotCompose('the house is broken'));
  await expect(composeFitting([['a1'], ['b2', 'b1']], broken)).rejects.toThrow('the house is broken');
  await expect(composeFitting([['a1']], () => Promise.reject(new TooHardToCompose()))).rejects.toThrow(TooHardToCompose);
});

it('asks for the house alone only where nobody fits', async () => {
  const asked: string[][] = [];
  await composeFitting([['a!'], ['b1']], compose(asked));
  expect(asked).not.toContainEqual([]);
  asked.length = 0;
  await composeFitting([['a!'], ['b!']], compose(asked));
  expect(asked.filter((one) => one.length === 0)).toHaveLength(1);
});

describe('where composing takes too long', () => {
  /** Too hard is whatever has one of these in it. */
  const tooHardWith = (hard: string) => (versions: readonly string[]): Promise<string> =>
    versions.some((version) => hard.includes(version)) ? Promise.reject(new TooHardToCompose()) : compose()(versions);

  it('leaves out who is new', async () => {
    const { taken, leftOut } = await composeFitting([['a1'], ['b2', 'b1']], tooHardWith('b2'), (version) => version !== 'b2');
    expect([taken, leftOut.map(({ wished, instead }) => [wished, instead])]).toEqual([['a1', 'b1'], [['b2', 'b1']]]);
  });

  it('takes nobody out who runs already: the machine is slow, not the bank', async () => {
    await expect(composeFitting([['a1'], ['b1']], tooHardWith('b1'), () => true)).rejects.toThrow(TooHardToCompose);
    await expect(composeFitting([['a1'], ['b2', 'b1']], tooHardWith('b2 b1'), (version) => version !== 'b2')).rejects.toThrow(TooHardToCompose);
  });

  it('still leaves out who runs and does not compose', async () => {
    const { taken } = await composeFitting([['a!'], ['b1']], compose(), () => true);
    expect(taken).toEqual(['b1']);
  });
});

it('finds one in a hundred in few compositions', async () => {
  const asked: string[][] = [];
  const banks = Array.from({ length: 100 }, (_none, n): [string] => [`${String.fromCodePoint(0x4e00 + n)}${n === 63 ? '!' : ''}`]);
  const { taken } = await composeFitting(banks, compose(asked));
  expect([taken.length, asked.length < 20]).toEqual([99, true]);
});

it('takes everybody who fits, whoever else is broken', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 20 }), async (broken) => {
    const banks = broken.map((isBroken, n): [string] => [`${String.fromCodePoint(0x4e00 + n)}${isBroken ? '!' : ''}`]);
    const { taken, leftOut } = await composeFitting(banks, compose());
    expect(taken).toEqual(banks.flat().filter((version) => !version.includes('!')));
    expect(leftOut.map(({ wished }) => wished)).toEqual(banks.flat().filter((version) => version.includes('!')));
  }));
});
