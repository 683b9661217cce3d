import type { BusMessage } from '../bus';
import { runsOf } from './inbox.consumer';
import { SharedTransactions } from './inbox.transactions';

const message = (partition: number, n: number): BusMessage =>
  ({ topic: 't', partition, offset: BigInt(n), key: 'k', headers: {}, value: `${partition}/${n}` });
const valuesOf = (messages: readonly BusMessage[]): string[] => messages.map(({ value }) => value);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Transactions that end when told, each with what it was given. */
function held() {
  const begun: { values: string[]; end: (error?: Error) => void }[] = [];
  const run = (messages: readonly BusMessage[]): Promise<void> =>
    new Promise((resolve, reject) => begun.push({ values: valuesOf(messages), end: (error) => (error ? reject(error) : resolve()) }));
  return { begun, run };
}

it('puts what comes in one turn of the event loop together, and what comes while that runs into the next', async () => {
  const { begun, run } = held();
  const shared = new SharedTransactions(run, 100);
  const done: string[] = [];
  const share = (...messages: BusMessage[]) => shared.share(messages).then(() => done.push(...valuesOf(messages)));
  void share(message(0, 0), message(0, 1));
  void share(message(1, 0));
  await turn();
  void share(message(2, 0));
  void share(message(3, 0));
  await turn();
  expect(begun.map(({ values }) => values)).toEqual([['0/0', '0/1', '1/0']]);
  expect(done).toEqual([]);
  begun[0]!.end();
  await turn();
  expect(done).toEqual(['0/0', '0/1', '1/0']);
  expect(begun[1]!.values).toEqual(['2/0', '3/0']);
  begun[1]!.end();
  await turn();
  void share(message(0, 2));
  await turn();
  expect(begun[2]!.values).toEqual(['0/2']);
});

it('never puts more together than is allowed, but never splits what one hands over', async () => {
  const { begun, run } = held();
  const shared = new SharedTransactions(run, 3);
  for (const partition of [0, 1, 2]) void shared.share([message(partition, 0), message(partition, 1)]);
  for (const expected of [['0/0', '0/1'], ['1/0', '1/1'], ['2/0', '2/1']]) {
    await turn();
    expect(begun.at(-1)!.values).toEqual(expected);
    begun.at(-1)!.end();
  }
});

it('tells all who shared a transaction that it failed, and goes on with the next', async () => {
  const { begun, run } = held();
  const shared = new SharedTransactions(run, 100);
  const outcomes = Promise.allSettled([shared.share([message(0, 0)]), shared.share([message(1, 0)])]);
  await turn();
  const later = shared.share([message(2, 0)]);
  begun[0]!.end(new Error('fails'));
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await turn();
  begun[1]!.end();
  await expect(later).resolves.toBeUndefined();
});

it('keeps every message to a transaction of its own where that is wanted, four at once at most', async () => {
  const { begun, run } = held();
  const shared = new SharedTransactions(run, 1);
  for (let partition = 0; partition < 6; partition++) void shared.share([message(partition, 0)]);
  await turn();
  expect(begun.map(({ values }) => values)).toEqual([['0/0'], ['1/0'], ['2/0'], ['3/0']]);
  begun[0]!.end();
  await turn();
  expect(begun).toHaveLength(5);
});

it('puts only what has the same word together', async () => {
  const { begun, run } = held();
  const shared = new SharedTransactions(run, 100);
  void shared.share([message(0, 0)], 'grants');
  void shared.share([message(1, 0)], 'offers');
  void shared.share([message(2, 0)], 'grants');
  await turn();
  begun[0]!.end();
  await turn();
  expect(begun.map(({ values }) => values)).toEqual([['0/0', '2/0'], ['1/0']]);
});

it('parts the messages of a partition into runs, in their order', () => {
  const all = Array.from({ length: 6 }, (_, n) => message(0, n));
  const words = ['a', 'a', undefined, undefined, 'a', 'b'];
  const runs = runsOf(all, ({ offset }) => words[Number(offset)]);
  expect(runs.map(({ word, messages }) => [word, ...messages.map(({ offset }) => Number(offset))])).toEqual([
    ['a', 0, 1], [undefined, 2], [undefined, 3], ['a', 4], ['b', 5],
  ]);
  expect(runsOf(all)).toEqual([{ word: '', messages: all }]);
  expect(runsOf([])).toEqual([]);
});
