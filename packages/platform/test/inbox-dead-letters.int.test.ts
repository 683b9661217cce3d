import { eventually } from '@tael/testkit';
import { replayDeadLetters } from '../src/bus';
import { Poison } from '../src/inbox';
import { effect, numberOf, once, onEachBus, upTo } from './inbox.suite';

const CANARY = 'canary-4111111111111111';

onEachBus('dead letters of the inbox', (box) => {
  const { event, start, effects, isDone, letters } = box;

  it('F9: puts poison among the dead letters at once, with its cause, and goes on with the partition', async () => {
    await box.bus.publish(upTo(12).map((n) => event(n, 'wallet')));
    await start({
      handle: async (tx, message) => {
        await effect(tx, message);
        if (numberOf(message) === 4) throw new Poison('the campaign of this event is unknown');
      },
    });
    await isDone();
    expect(await effects()).toEqual(once(upTo(12).filter((n) => n !== 4)));
    const [letter, ...others] = await letters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      topic: box.topic, cause: 'Poison: the campaign of this event is unknown', attempts: 1, open: true, eventType: 'test.event',
      original: { topic: box.topic, key: 'wallet', value: '{"n":4}' },
    });
    expect(Date.now() - letter!.firstFailedAt.getTime()).toBeLessThan(20_000);
    expect(await box.dataSource.query('SELECT FROM inbox WHERE "eventId" = $1', [letter!.eventId])).toEqual([]);
  });

  it('takes a message without an event id for poison, and what its handler calls malformed', async () => {
    const nameless = { ...event(1), headers: { ce_type: 'test.event' } };
    const odd = { ...event(2), headers: { ce_id: 'not-a-uuid', ce_type: 'test.event' } };
    await box.bus.publish([event(0), nameless, odd, event(3)]);
    await start({
      handle: async (tx, message) => {
        if (numberOf(message) === 3) throw Object.assign(new Error('unknown event type'), { name: 'MalformedEvent' });
        await effect(tx, message);
      },
    });
    await isDone();
    expect(await effects()).toEqual(once([0]));
    const found = await letters();
    expect(found.map((letter) => [letter.original.value, letter.cause, letter.attempts]).sort()).toEqual([
      ['{"n":1}', 'Poison: the message has no ce_id, or it is no UUID', 1],
      ['{"n":2}', 'Poison: the message has no ce_id, or it is no UUID', 1],
      ['{"n":3}', 'MalformedEvent: unknown event type', 1],
    ]);
  });

  it('tries an error again, and gives up after the last attempt, alone', async () => {
    const tries = new Map<number, number>();
    await box.bus.publish(upTo(9).map((n) => event(n, 'wallet')));
    await start({
      attemptsMax: 3,
      handle: async (tx, message) => {
        const n = numberOf(message);
        tries.set(n, (tries.get(n) ?? 0) + 1);
        await effect(tx, message);
        if (n === 3 && tries.get(n)! <= 3) throw new Error('fails in the batch and twice alone');
        if (n === 6) throw new Error('always fails');
      },
    });
    await isDone();
    expect(await effects()).toEqual(once(upTo(9).filter((n) => n !== 6)));
    expect(await letters()).toMatchObject([{ cause: 'Error: always fails', attempts: 3, original: { value: '{"n":6}' } }]);
  });

  it('names the fault of a dead letter without any data of the event', async () => {
    await box.bus.publish([event(0)]);
    await start({ attemptsMax: 1, handle: (tx) => tx.query('SELECT $1::uuid', [CANARY]) });
    await isDone();
    const [letter] = await letters();
    expect(letter!.cause).toContain('22P02');
    expect(JSON.stringify(letter!.cause)).not.toContain(CANARY);
  });

  it('works replayed dead letters off once the handler is mended, and lists them as sent', async () => {
    const bad = new Set([1, 2, 3]);
    await box.bus.publish(upTo(5).map((n) => event(n)));
    await start({
      handle: async (tx, message) => {
        if (bad.has(numberOf(message))) throw new Poison('not yet');
        await effect(tx, message);
      },
    });
    await isDone();
    const before = await letters();
    expect(before.map((letter) => letter.open)).toEqual([true, true, true]);

    bad.delete(2);
    const second = before.find((letter) => letter.original.value === '{"n":2}')!;
    expect(await replayDeadLetters(box.bus, { topic: box.topic, group: box.group, eventIds: [second.eventId!] })).toBe(1);
    await eventually(async () => expect(await effects()).toEqual(once([0, 2, 4])));

    bad.clear();
    expect(await replayDeadLetters(box.bus, { topic: box.topic, group: box.group })).toBe(3);
    await eventually(async () => expect(await effects()).toEqual(once(upTo(5))), { timeoutMs: 20_000 });
    expect((await letters()).map((letter) => letter.open)).toEqual([false, false, false]);
    expect(await replayDeadLetters(box.bus, { topic: box.topic, group: box.group })).toBe(0);
    await isDone();
    expect(await effects()).toEqual(once(upTo(5)));
  });
});
