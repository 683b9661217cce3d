import { Poison } from '../src/inbox';
import { effect, numberOf, once, onEachBus, upTo } from './inbox.suite';

onEachBus('batches of the inbox', (box) => {
  const { event, start, effects, isDone, letters } = box;

  it('works off what waits in few transactions, a single message at once', async () => {
    const transactions: number[][] = [];
    await box.bus.publish(upTo(30).map((n) => event(n)));
    await start({
      handle: undefined,
      handleBatch: async (tx, messages) => {
        for (const message of messages) await effect(tx, message);
        transactions.push(messages.map(({ partition }) => partition));
      },
    });
    await isDone();
    expect(await effects()).toEqual(once(upTo(30)));
    expect(transactions.length).toBeLessThan(30);
    await box.bus.publish([event(30)]);
    await isDone();
    expect(transactions.at(-1)).toHaveLength(1);
  });

  it('F9: finds the poison in the middle of a batch by halves: all others take effect, in few transactions', async () => {
    const sizes: number[] = [];
    await box.bus.publish(upTo(64).map((n) => event(n, 'wallet')));
    await start({
      handle: undefined,
      handleBatch: async (tx, messages) => {
        sizes.push(messages.length);
        for (const message of messages) await effect(tx, message);
        if (messages.some((message) => numberOf(message) === 37)) throw new Poison('37 can never work');
      },
    });
    await isDone();
    expect(await effects()).toEqual(once(upTo(64).filter((n) => n !== 37)));
    expect((await letters()).map((letter) => letter.original.value)).toEqual(['{"n":37}']);
    // One by one would be 65 and more.
    expect(sizes.length).toBeLessThan(24);
  });

  it('gives a batch handler each of twins once, and never what was worked off before', async () => {
    const given: number[] = [];
    const twin = event(7, 'wallet');
    await box.bus.publish([event(1, 'wallet'), twin, twin, event(2, 'wallet'), twin]);
    const consumer = await start({ handle: undefined, handleBatch: async (_tx, messages) => void given.push(...messages.map(numberOf)) });
    await isDone();
    await box.bus.publish([twin, event(3, 'wallet')]);
    await isDone();
    expect(given).toEqual([1, 7, 2, 3]);
    await consumer.stop();
  });

  it('does a batch once where the session dies after its effects', async () => {
    let deaths = 2;
    await box.bus.publish(upTo(40).map((n) => event(n)));
    await start({
      handle: undefined,
      handleBatch: async (tx, messages) => {
        for (const message of messages) await effect(tx, message);
        if (deaths-- > 0) await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
      },
    });
    await isDone();
    expect(deaths).toBeLessThan(0);
    expect(await effects()).toEqual(once(upTo(40)));
    expect(await letters()).toEqual([]);
  });
});
