import { currencyCode } from '@tael/money';
import { decideFreeze, decideUnfreeze, spendable } from './wallet-freeze.domain';

const wallet = { id: 'w', personId: 'ada', currency: currencyCode('USD'), posted: 1n, pending: 0n, frozen: false };
const told = (outcome: ReturnType<typeof decideFreeze>) => {
  const [refusal] = outcome.ok ? [] : outcome.refusals;
  return refusal ? [refusal.code, refusal.field?.join('.'), refusal.reason].filter(Boolean).join(' ') : 'OK';
};

describe('spendable', () => {
  it.each([
    ['nobody has it', undefined, 'NOT_FOUND input.walletId'],
    ['it is not frozen', wallet, 'OK'],
    ['it is frozen', { ...wallet, frozen: true }, 'WALLET_FROZEN input.walletId'],
  ])('where %s', (_what, found, expected) => expect(told(spendable(found))).toBe(expected));

  it('gives the wallet', () => expect(spendable(wallet)).toEqual({ ok: true, wallet }));
});

describe('decideFreeze', () => {
  it.each([
    ['nobody has it', undefined, 'op', 'NOT_FOUND input.walletId'],
    ['it is free', wallet, 'op', 'OK'],
    ['it is frozen', { ...wallet, frozen: true }, 'op', 'ALREADY_EXISTS input.walletId WALLET_FREEZE'],
    ['it is the operator\'s own', wallet, 'ada', 'NOT_ALLOWED input.walletId OWN_FREEZE'],
    ['it is their own and frozen', { ...wallet, frozen: true }, 'ada', 'NOT_ALLOWED input.walletId OWN_FREEZE'],
  ])('where %s', (_what, found, by, expected) => expect(told(decideFreeze(found, by))).toBe(expected));
});

describe('decideUnfreeze', () => {
  it.each([
    ['there is none', undefined, 'op', 'NOT_FOUND input.freezeId'],
    ['it stands', { personId: 'ada', lifted: false }, 'op', 'OK'],
    ['it was lifted', { personId: 'ada', lifted: true }, 'op', 'NOT_ALLOWED input.freezeId FREEZE_LIFTED'],
    ['it is of the operator\'s own wallet', { personId: 'ada', lifted: false }, 'ada', 'NOT_ALLOWED input.freezeId OWN_FREEZE'],
  ])('where %s', (_what, found, by, expected) => expect(told(decideUnfreeze(found, by))).toBe(expected));
});
