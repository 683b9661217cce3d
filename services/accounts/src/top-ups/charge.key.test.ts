import { chargeKeyOf, topUpOf } from './charge.key';

const ID = '01935a4e-0000-7000-8000-000000000001';

it.each([[chargeKeyOf(ID), ID], [ID, undefined], ['topup-', undefined], ['topup-x', undefined], [`order-${ID}`, undefined], ['', undefined]])('%j is of %s', (key, id) => {
  expect(topUpOf(key)).toBe(id);
});
