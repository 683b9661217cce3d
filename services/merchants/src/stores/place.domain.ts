/** A place on earth in millionths of a degree, which are whole numbers: some ten centimetres. */
export interface Place {
  readonly latitudeE6: number;
  readonly longitudeE6: number;
}

/** A part of the map between two parallels and two meridians, its borders within it. */
export interface Box {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

/** The mean radius of the earth that distances are reckoned with. */
export const EARTH_RADIUS_M = 6_371_008.8;
export const RADIUS_MAX_M = 50_000;

const MILLION = 1_000_000;
const QUARTER = 90 * MILLION;
const HALF = 180 * MILLION;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (angle: number): number => (angle * 180) / Math.PI;

/** Gives degrees in millionths; undefined where they are not on earth or finer than that. */
export function microdegrees(value: number, limit: 90 | 180): number | undefined {
  const whole = Math.round(value * MILLION);
  return Math.abs(value) <= limit && whole / MILLION === value ? whole + 0 : undefined;
}

/** Gives one or two boxes around all that is within a distance: two where the circle crosses the meridian of 180 degrees. */
export function boxesAround({ latitudeE6, longitudeE6 }: Place, radiusM: number): readonly [Box, Box] {
  const angle = radiusM / EARTH_RADIUS_M;
  const reach = Math.ceil(degrees(angle) * MILLION) + 1;
  const [south, north] = [Math.max(latitudeE6 - reach, -QUARTER), Math.min(latitudeE6 + reach, QUARTER)];
  const all: Box = { south, north, west: -HALF, east: HALF };
  if (south === -QUARTER || north === QUARTER) return [all, all];
  const ratio = Math.sin(angle) / Math.cos(radians(latitudeE6 / MILLION));
  const width = Math.ceil(degrees(Math.asin(Math.min(1, ratio))) * MILLION) + 1;
  const [west, east] = [longitudeE6 - width, longitudeE6 + width];
  const middle: Box = { south, north, west: Math.max(west, -HALF), east: Math.min(east, HALF) };
  if (west < -HALF) return [middle, { south, north, west: west + 2 * HALF, east: HALF }];
  if (east > HALF) return [middle, { south, north, west: -HALF, east: east - 2 * HALF }];
  return [middle, middle];
}

/** Gives the distance of two places along the earth in metres (haversine). */
export function distanceM(one: Place, other: Place): number {
  const [south, north] = [radians(one.latitudeE6 / MILLION), radians(other.latitudeE6 / MILLION)];
  const across = radians((other.longitudeE6 - one.longitudeE6) / MILLION);
  const half = Math.sin((north - south) / 2) ** 2 + Math.cos(south) * Math.cos(north) * Math.sin(across / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(half)));
}
