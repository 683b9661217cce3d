import { merchantPeopleAlarms } from './merchant-people-message.domain';

const change = { changeId: 'c1', merchantId: 'm1', personId: 'eve', told: ['eve', 'ada', 'bob'] };

it.each([['OWNER', 'OWNER'], ['MANAGER', 'MANAGER'], ['CASHIER', 'CASHIER'], [null, 'NONE']] as const)('a role of %s is told to whom it is about and to each owner', (role, word) => {
  const common = { class: 'SECURITY', merchantId: 'm1', facts: { words: { role: word } }, validUntil: null };
  expect(merchantPeopleAlarms({ ...change, role })).toEqual([
    { ...common, dedupeKey: 'merchant-people.own-role/c1/eve', personId: 'eve', template: 'merchant-people.own-role' },
    { ...common, dedupeKey: 'merchant-people.changed/c1/ada', personId: 'ada', template: 'merchant-people.changed', counterpartyId: 'eve' },
    { ...common, dedupeKey: 'merchant-people.changed/c1/bob', personId: 'bob', template: 'merchant-people.changed', counterpartyId: 'eve' },
  ]);
});

it('nobody to be told is nothing to say', () => {
  expect(merchantPeopleAlarms({ ...change, role: null, told: [] })).toEqual([]);
});
