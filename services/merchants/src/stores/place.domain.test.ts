import fc from 'fast-check';
import { type Box, boxesAround, distanceM, microdegrees, type Place } from './place.domain';

const at = (latitude: number, longitude: number): Place => ({ latitudeE6: Math.round(latitude * 1e6), longitudeE6: Math.round(longitude * 1e6) });
const within = ({ latitudeE6, longitudeE6 }: Place, box: Box): boolean =>
  latitudeE6 >= box.south && latitudeE6 <= box.north && longitudeE6 >= box.west && longitudeE6 <= box.east;

it.each([
  ['Paris to London', at(48.8566, 2.3522), at(51.5074, -0.1278), 343_557],
  ['one degree on the equator', at(0, 0), at(0, 1), 111_195],
  ['across the meridian of 180', at(0, 179.5), at(0, -179.5), 111_195],
  ['over the pole', at(89.5, 0), at(89.5, 180), 111_195],
  ['to the same place', at(37.77, -122.41), at(37.77, -122.41), 0],
  ['to the other side of the earth', at(0, 0), at(0, 180), 20_015_114],
])('%s', (_what, one, other, expected) => {
  expect(Math.round(distanceM(one, other))).toBe(expected);
  expect(distanceM(other, one)).toBe(distanceM(one, other));
});

it.each<[number, 90 | 180, number | undefined]>([
  [37.739684, 90, 37_739_684], [-122.467323, 180, -122_467_323], [90, 90, 90_000_000], [-90, 90, -90_000_000], [90.000001, 90, undefined],
  [180, 180, 180_000_000], [180.5, 180, undefined], [0, 90, 0], [-0, 90, 0], [1.0000001, 90, undefined], [Number.NaN, 90, undefined],
  [Number.POSITIVE_INFINITY, 180, undefined],
])('microdegrees(%s, %s) is %s', (value, limit, expected) => {
  expect(microdegrees(value, limit)).toBe(expected);
});

const places = fc.record({ latitudeE6: fc.integer({ min: -90_000_000, max: 90_000_000 }), longitudeE6: fc.integer({ min: -180_000_000, max: 180_000_000 }) });
const edges = fc.record({ latitudeE6: fc.integer({ min: -1_000_000, max: 1_000_000 }), longitudeE6: fc.constantFrom(-180_000_000, -179_999_000, 179_900_000, 180_000_000) });

it('the boxes hold every place within the distance', () => {
  const steps = fc.integer({ min: -900_000, max: 900_000 });
  fc.assert(fc.property(fc.oneof(places, edges), steps, steps, fc.integer({ min: 1, max: 50_000 }), (middle, up, right, radius) => {
    const latitudeE6 = Math.max(-90_000_000, Math.min(90_000_000, middle.latitudeE6 + up));
    const longitudeE6 = ((middle.longitudeE6 + right + 540_000_000) % 360_000_000) - 180_000_000;
    const other = { latitudeE6, longitudeE6 };
    fc.pre(distanceM(middle, other) <= radius);
    expect(boxesAround(middle, radius).some((box) => within(other, box))).toBe(true);
  }), { numRuns: 2_000 });
});

it('a box is not much larger than it must be', () => {
  const [box, same] = boxesAround(at(60, 10), 1_000);
  expect(same).toEqual(box);
  expect(box.north - box.south).toBeLessThan(18_000);
  expect(box.east - box.west).toBeLessThan(36_020);
  expect(boxesAround(at(89.9, 0), 50_000)[0]).toMatchObject({ west: -180_000_000, east: 180_000_000 });
  expect(boxesAround(at(0, 180), 1_000)).toEqual([
    { south: -8_995, north: 8_995, west: 179_991_005, east: 180_000_000 }, { south: -8_995, north: 8_995, west: -180_000_000, east: -179_991_005 },
  ]);
});
