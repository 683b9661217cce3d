import { randomBytes } from 'node:crypto';
import { resealReport, resealStep } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import type { SealRing } from '@tael/platform/env';
import { createService } from '../src/app';
import { resealTasks } from '../src/merchants/merchant.retell';
import { MerchantsToldAgain1764420000000 } from '../src/migrations/1764420000000-merchants-told-again';
import { activate, operator, register, sealKeys, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('merchants_key_turns');
});
afterAll(() => subject.stop());

it('A25: when the seal keys turn, each merchant is told of once more, with the name sealed under the new key', async () => {
  const owner = operator();
  const { merchant } = await register(subject, owner);
  await activate(subject, owner, merchant.id);
  const used: SealRing = [{ id: 's2', key: randomBytes(32) }, ...sealKeys];
  const [task] = resealTasks(createSealer(used), createService({ dataSource: subject.dataSource, sealKeys: used }));
  const left = () => resealReport(subject.dataSource, [task!], 's2');
  expect(await left()).toEqual({ 'merchant.toldUnder': { s1: 1 }, 'outbox.value': { s1: 2 } });

  expect(await resealStep(subject.dataSource, task!, 10)).toBe(1);
  expect(await resealStep(subject.dataSource, task!, 10)).toBe(0);
  const events = await subject.events(merchant.id);
  expect(events.map(({ data }) => data['version'])).toEqual([1, 2, 3]);
  const { name, version: _version, occurredAt: _at, ...state } = events[2]!.data;
  expect(createSealer([used[0]]).open(name as string, merchant.id)).toBe(merchant.name);
  expect(events[1]!.data).toMatchObject(state);
  // Events that still wait for the bus are sealed under the old key: it cannot go before they have.
  expect(await left()).toEqual({ 'outbox.value': { s1: 2 } });
});

it('a migration has every merchant told of again, also without another key, and says whether it is verified', async () => {
  const owner = operator();
  const known = await Promise.all([register(subject, owner), register(subject, owner)]);
  const runner = subject.dataSource.createQueryRunner();
  try {
    await new MerchantsToldAgain1764420000000().up(runner);
  } finally {
    await runner.release();
  }
  const [task] = resealTasks(createSealer(sealKeys), createService({ dataSource: subject.dataSource, sealKeys }));
  while ((await resealStep(subject.dataSource, task!, 10)) > 0);
  for (const { merchant } of known) {
    const events = await subject.events(merchant.id);
    expect(events.map(({ data }) => [data['version'], data['verified']])).toEqual([[1, false], [2, false]]);
  }
});
