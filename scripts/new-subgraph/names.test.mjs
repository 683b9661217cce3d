import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOf, refuseTaken } from './names.mjs';

for (const [name, Entity, entities, folder, table] of [
  ['vouchers', 'Voucher', 'vouchers', 'vouchers', 'voucher'],
  ['loyalty-cards', 'LoyaltyCard', 'loyaltyCards', 'loyalty-cards', 'loyalty_card'],
  ['policies', 'Policy', 'policies', 'policies', 'policy'],
  ['boxes', 'Box', 'boxes', 'boxes', 'box'],
  ['insurance', 'Insurance', 'insurances', 'insurances', 'insurance'],
  ['pass', 'Pass', 'passes', 'passes', 'pass'],
]) {
  test(`${name} has the entity ${Entity}`, () => {
    const names = namesOf(name);
    assert.deepEqual(
      [names.Entity, names.entities, names.entitiesFolder, names.table],
      [Entity, entities, folder, table],
    );
  });
}

test('the entity may be given', () => {
  const { Entity, entity, entities, entityFile, table, words } = namesOf('data', 'DataPoint');
  assert.deepEqual(
    [Entity, entity, entities, entityFile, table, words],
    ['DataPoint', 'dataPoint', 'dataPoints', 'data-point', 'data_point', 'data points'],
  );
});

for (const [what, name, entity] of [
  ['nothing', undefined],
  ['capitals', 'Vouchers'],
  ['a digit first', '1st'],
  ['an underscore', 'loyalty_cards'],
  ['a dash last', 'cards-'],
  ['two dashes', 'loyalty--cards'],
  ['a path', '../cards'],
  ['31 letters', 'a'.repeat(31)],
  ['a part of the stack', 'gateway'],
  ['a folder for everything', 'utils'],
  ['a word of the language', 'classes'],
  ['a table of every service', 'migrations'],
  ['an entity that is no type', 'vouchers', 'voucher'],
  ['an entity with an underscore', 'vouchers', 'My_Voucher'],
]) {
  test(`${what} is no name`, () => {
    assert.throws(() => namesOf(name, entity), { name: 'Problem' });
  });
}

const free = { services: ['merchants'], types: ['Query', 'Wallet'], fields: ['wallet'] };
for (const [what, present] of /** @type {const} */ ([
  ['a service', { ...free, services: ['vouchers'] }],
  ['a type', { ...free, types: ['Voucher'] }],
  ['a type beside it', { ...free, types: ['VoucherEdge'] }],
  ['a query', { ...free, fields: ['vouchers'] }],
  ['a mutation', { ...free, fields: ['createVoucher'] }],
])) {
  test(`a name that ${what} has is refused`, () => {
    assert.throws(() => refuseTaken(namesOf('vouchers'), present), { name: 'Problem', message: /already/ });
  });
}

test('a name that nobody has is taken', () => refuseTaken(namesOf('vouchers'), free));
