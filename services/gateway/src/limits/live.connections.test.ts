import { createLiveConnections } from './live.connections';

const person = (personId: string, address = '192.0.2.1') => ({ principal: { personId }, address });
const nobody = (address: string) => ({ principal: null, address });

test('a person has so many places, wherever they are; given back they are free again, once', () => {
  const live = createLiveConnections({ perPerson: 2, perNetwork: 1 });
  const first = live.open(person('a'))!;
  expect(live.open(person('a', '192.0.2.2'))).not.toBeNull();
  expect(live.open(person('a', '192.0.2.3'))).toBeNull();
  expect(live.open(person('b'))).not.toBeNull();
  first();
  first();
  expect(live.open(person('a'))).not.toBeNull();
  expect(live.open(person('a'))).toBeNull();
  expect(live.size()).toBe(3);
});

test('those who are not signed in share the places of their network', () => {
  const live = createLiveConnections({ perPerson: 1, perNetwork: 2 });
  expect(live.open(nobody('2001:db8:1:2::1'))).not.toBeNull();
  expect(live.open(nobody('2001:db8:1:2:9::2'))).not.toBeNull();
  expect(live.open(nobody('2001:db8:1:2::3'))).toBeNull();
  expect(live.open(nobody('2001:db8:1:3::3'))).not.toBeNull();
});
