import fc from 'fast-check';
import { z } from 'zod';
import { pairwiseNames, pairwiseSubject } from './index';

const KEY = Buffer.alloc(32, 7);
const names = (change: { key?: Buffer; partnerId?: string; kind?: string } = {}) =>
  pairwiseNames(change.key ?? KEY, { partnerId: change.partnerId ?? 'bank', kind: change.kind ?? 'Wallet' });
const WALLET = '0195f6a8-0000-7000-8000-000000000001';

describe('an id of ours under the name that one bank knows', () => {
  it('is a UUID, the same each time, and no other id has it', () => {
    fc.assert(fc.property(fc.uuid(), fc.uuid(), (id, other) => {
      const nameOf = names();
      const name = nameOf(id)!;
      expect(z.uuid().safeParse(name).success).toBe(true);
      expect(name).not.toBe(id);
      expect([nameOf(id), nameOf(id.toUpperCase()), nameOf(other) === name]).toEqual([name, name, other === id]);
    }));
  });

  it('tells nobody who compares: with another bank, another kind or another key it is another', () => {
    const four = [names(), names({ partnerId: 'other' }), names({ kind: 'Transaction' }), names({ key: Buffer.alloc(32, 8) })].map((nameOf) => nameOf(WALLET));
    expect(new Set(four).size).toBe(4);
  });

  it('says nothing of how old it is: ids of one moment have nothing in common', () => {
    const [one, two] = [names()(WALLET)!, names()(WALLET.replace(/1$/, '2'))!];
    expect(one.slice(0, 8)).not.toBe(two.slice(0, 8));
  });

  it.each(['', 'x', `${WALLET}0`, WALLET.replaceAll('-', ''), `${WALLET}\n`, WALLET.replace('-7', '-9'), WALLET.replace('-8000-', '-0000-')])('is none of %j', (text) => {
    expect(names()(text)).toBeUndefined();
  });

  // A name that a bank keeps must stay: this one was reckoned by another program (openssl).
  it('is what it was', () => {
    expect(names()(WALLET)).toBe('0926309d-ae57-4903-aff1-78808a5165fe');
  });
});

it('a person is somebody else to each bank, and the same each time', () => {
  expect(pairwiseSubject(KEY, 'bank', WALLET)).toBe(pairwiseSubject(KEY, 'bank', WALLET));
  expect(new Set([pairwiseSubject(KEY, 'bank', WALLET), pairwiseSubject(KEY, 'other', WALLET), pairwiseSubject(Buffer.alloc(32, 8), 'bank', WALLET)]).size).toBe(3);
});
