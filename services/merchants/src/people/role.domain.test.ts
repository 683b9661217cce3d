import fc from 'fast-check';
import {
  decideJoining, decideRemoval, decideRoleChange, denialOf, joinCode, MERCHANT_ROLES, type MerchantPerson, PEOPLE_MAX, type Permission, readJoinCode, toldOf, withRole,
} from './role.domain';

const PERMISSIONS: readonly Permission[] = ['PEOPLE', 'STORES', 'SHOP_CODES', 'PAYMENT_CODES'];

it.each([
  ['an owner', 'OWNER', false, ['OK', 'OK', 'OK', 'OK']],
  ['a manager', 'MANAGER', false, ['NOT_ALLOWED', 'OK', 'OK', 'OK']],
  ['a cashier', 'CASHIER', false, ['NOT_ALLOWED', 'NOT_ALLOWED', 'OK', 'OK']],
  ['a stranger', undefined, false, ['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']],
  ['an operator', undefined, true, ['OK', 'OK', 'OK', 'OK']],
  ['an operator who is a cashier there', 'CASHIER', true, ['NOT_ALLOWED', 'OK', 'OK', 'OK']],
  ['an operator who is a manager there', 'MANAGER', true, ['NOT_ALLOWED', 'OK', 'OK', 'OK']],
  ['an operator who is an owner there', 'OWNER', true, ['OK', 'OK', 'OK', 'OK']],
] as const)('%s may: people, stores, shop codes, payment codes', (_who, role, isOperator, expected) => {
  expect(PERMISSIONS.map((permission) => denialOf({ role, isOperator }, permission) ?? 'OK')).toEqual(expected);
});

const people: MerchantPerson[] = [{ personId: 'ada', role: 'OWNER' }, { personId: 'bob', role: 'MANAGER' }];
const two: MerchantPerson[] = [...people, { personId: 'eve', role: 'OWNER' }];
const LAST = { code: 'NOT_ALLOWED', reason: 'LAST_OWNER' };

it.each([
  ['the last owner', people, 'ada', LAST], ['one of two owners', two, 'ada', undefined], ['a manager', people, 'bob', undefined],
  ['nobody', people, 'x', { code: 'NOT_FOUND' }], ['the only one', [people[0]!], 'ada', LAST],
  ['a cashier where there is no owner', [{ personId: 'c', role: 'CASHIER' } as const], 'c', undefined],
])('removal of %s', (_who, all, personId, expected) => {
  expect(decideRemoval(all, personId)).toEqual(expected);
});

it.each([
  ['the last owner a manager', people, 'ada', 'MANAGER', LAST], ['one of two owners a cashier', two, 'ada', 'CASHIER', 'CHANGE'],
  ['a manager an owner', people, 'bob', 'OWNER', 'CHANGE'], ['a manager a manager', people, 'bob', 'MANAGER', 'UNCHANGED'],
  ['the last owner an owner', people, 'ada', 'OWNER', 'UNCHANGED'], ['nobody an owner', people, 'x', 'OWNER', { code: 'NOT_FOUND' }],
] as const)('making %s', (_what, all, personId, role, expected) => {
  expect(decideRoleChange(all, { personId, role })).toEqual(expected);
});

it('keeps an owner whatever is asked, one after the other', () => {
  const step = fc.record({ personId: fc.constantFrom('ada', 'bob', 'eve'), role: fc.option(fc.constantFrom(...MERCHANT_ROLES), { nil: undefined }) });
  fc.assert(fc.property(fc.array(step), (steps) => {
    let present = two;
    for (const { personId, role } of steps) {
      if (role === undefined) present = decideRemoval(present, personId) ? present : present.filter((person) => person.personId !== personId);
      else if (decideRoleChange(present, { personId, role }) === 'CHANGE') present = present.map((person) => (person.personId === personId ? { personId, role } : person));
    }
    expect(present.some(({ role }) => role === 'OWNER')).toBe(true);
  }));
});

it.each([
  ['somebody new', people, 'x', undefined], ['somebody who is there', people, 'bob', { code: 'ALREADY_EXISTS' }],
  ['one too many', Array.from({ length: PEOPLE_MAX }, (_, n) => ({ personId: `p${n}`, role: 'CASHIER' as const })), 'x', { code: 'LIMIT_EXCEEDED', reason: 'PEOPLE' }],
  ['the last that fits', Array.from({ length: PEOPLE_MAX - 1 }, (_, n) => ({ personId: `p${n}`, role: 'CASHIER' as const })), 'x', undefined],
])('joining of %s', (_who, all, personId, expected) => {
  expect(decideJoining(all, { personId, isOperator: false, invitation: { createdBy: 'ada', byOperator: false } })).toEqual(expected);
});

const OF_OPERATOR = { code: 'NOT_ALLOWED', reason: 'CODE_OF_OPERATOR' };
it.each([
  ['an operator, by a code of their own', 'x', true, { createdBy: 'x', byOperator: true }, OF_OPERATOR],
  ['an operator, by another operator\'s', 'x', true, { createdBy: 'y', byOperator: true }, OF_OPERATOR],
  ['whoever was an operator as they made it', 'x', false, { createdBy: 'x', byOperator: true }, OF_OPERATOR],
  ['anybody else, by an operator\'s', 'x', false, { createdBy: 'y', byOperator: true }, undefined],
  ['an operator, by an owner\'s', 'x', true, { createdBy: 'ada', byOperator: false }, undefined],
  ['who is there already, whatever the code', 'bob', true, { createdBy: 'bob', byOperator: true }, { code: 'ALREADY_EXISTS' }],
])('joining of %s', (_who, personId, isOperator, invitation, expected) => {
  expect(decideJoining(people, { personId, isOperator, invitation })).toEqual(expected);
});

it.each([
  ['somebody who joins', people, { personId: 'x', role: 'CASHIER' }, ['x', 'ada']],
  ['an owner who joins', people, { personId: 'x', role: 'OWNER' }, ['x', 'ada']],
  ['an owner who is taken out', two, { personId: 'ada', role: null }, ['ada', 'eve']],
  ['an owner who is none any more', two, { personId: 'eve', role: 'MANAGER' }, ['eve', 'ada']],
  ['a manager who is an owner from now on', two, { personId: 'bob', role: 'OWNER' }, ['bob', 'ada', 'eve']],
  ['the first owner', [], { personId: 'x', role: 'OWNER' }, ['x']],
] as const)('of %s hear they and the owners, of before and after', (_who, all, change, expected) => {
  expect(toldOf(all, change)).toEqual(expected);
  expect(withRole(all, change).filter(({ personId }) => personId === change.personId)).toEqual(change.role ? [change] : []);
});

describe('a code to join with', () => {
  it('is read as it was made, also in small letters, without hyphens and with letters for digits', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
      const code = joinCode(bytes);
      expect(code).toMatch(/^([\dA-HJKMNP-TV-Z]{4}-){4}[\dA-HJKMNP-TV-Z]{4}$/);
      for (const typed of [code, code.toLowerCase(), code.replaceAll('-', ' '), code.replaceAll('0', 'o').replaceAll('1', 'l')]) {
        expect(readJoinCode(typed)).toBe(code);
      }
    }));
  });
  it('is read through as many blanks as make 64 signs, and not through more', () => {
    const code = `${' '.repeat(44)}0123456789ABCDEFGHJK`;
    expect([readJoinCode(code), readJoinCode(` ${code}`)]).toEqual(['0123-4567-89AB-CDEF-GHJK', undefined]);
  });
  it('says five bits of each of its bytes, and nothing of more of them', () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, n) => (n < 20 ? 32 * (n % 8) + n : 31));
    expect(joinCode(bytes)).toBe('0123-4567-89AB-CDEF-GHJK');
  });
  it.each(['', 'ABC', 'U'.repeat(20), '0'.repeat(19), '0'.repeat(21), 'x'.repeat(10_000)])('%j is none', (text) => {
    expect(readJoinCode(text)).toBeUndefined();
  });
});
