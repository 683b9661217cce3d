import fc from 'fast-check';
import { z } from 'zod';
import { pairwiseIds, pairwiseSubject } from './index';

const KEY = Buffer.alloc(32, 7);
const ids = (change: { key?: Buffer; partnerId?: string; kind?: string } = {}) =>
  pairwiseIds(change.key ?? KEY, { partnerId: change.partnerId ?? 'bank', kind: change.kind ?? 'Wallet' });
const WALLET = '0195f6a8-0000-7000-8000-000000000001';

describe('an id of ours under the name that one bank knows', () => {
  it('is a UUID, the same each time, and comes back', () => {
    fc.assert(fc.property(fc.uuid(), (id) => {
      const { hide, show } = ids();
      const name = hide(id)!;
      expect(z.uuid().safeParse(name).success).toBe(true);
      expect(name).not.toBe(id);
      expect([hide(id), show(name)]).toEqual([name, id.toLowerCase()]);
    }));
  });

  it('tells nobody who compares: with another bank, another kind or another key it is another', () => {
    const names = [ids(), ids({ partnerId: 'other' }), ids({ kind: 'Transaction' }), ids({ key: Buffer.alloc(32, 8) })].map(({ hide }) => hide(WALLET));
    expect(new Set(names).size).toBe(4);
  });

  it('says nothing of how old it is: ids of one moment have nothing in common', () => {
    const [one, two] = [ids().hide(WALLET)!, ids().hide(WALLET.replace(/1$/, '2'))!];
    expect(one.slice(0, 8)).not.toBe(two.slice(0, 8));
  });

  it.each(['', 'x', `${WALLET}0`, WALLET.replaceAll('-', ''), `${WALLET}\n`, WALLET.replace('-7', '-9'), WALLET.replace('-8000-', '-0000-')])('is none of %j', (text) => {
    expect([ids().hide(text), ids().show(text)]).toEqual([undefined, undefined]);
  });

  // A name that a bank keeps must stay: this one was reckoned by another program (openssl).
  it('is what it was', () => {
    expect(ids().hide(WALLET)).toBe('0926309d-ae57-4903-aff1-78808a5165fe');
  });
});

it('a person is somebody else to each bank, and the same each time', () => {
  expect(pairwiseSubject(KEY, 'bank', WALLET)).toBe(pairwiseSubject(KEY, 'bank', WALLET));
  expect(new Set([pairwiseSubject(KEY, 'bank', WALLET), pairwiseSubject(KEY, 'other', WALLET), pairwiseSubject(Buffer.alloc(32, 8), 'bank', WALLET)]).size).toBe(3);
});
