import { nameFault } from '../merchants/merchant.domain';
import { hoursFaults, isOpen, localTimeOf, type OpeningHours, timeZoneOf } from './hours.domain';
import { microdegrees, type Place } from './place.domain';

export const STORES_MAX = 1_000;
const CITY_LENGTH_MAX = 80;
const ADDRESS_LINES_MAX = 4;
const POSTAL_CODE = /^[A-Za-z0-9][A-Za-z0-9 -]{0,9}$/;

export type StoreStatus = 'OPEN' | 'CLOSED';

/** What is known of a store, whatever the time is. */
export interface StoreDetails extends Place {
  readonly name: string;
  readonly addressLines: readonly string[];
  readonly city: string;
  readonly postalCode: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly timeZone: string;
  readonly hours: OpeningHours;
}

export interface StoreRecord extends StoreDetails {
  readonly id: string;
  readonly merchantId: string;
  readonly status: StoreStatus;
}

/** A store as somebody describes it; degrees as numbers with six digits at most. */
export interface StoreCommand extends Omit<StoreDetails, 'latitudeE6' | 'longitudeE6'> {
  readonly latitude: number;
  readonly longitude: number;
}

export interface StoreRefusal {
  readonly code: 'INVALID_INPUT';
  readonly reason: string;
  readonly field: readonly string[];
}

export type StoreDecision =
  | { readonly ok: true; readonly details: StoreDetails }
  | { readonly ok: false; readonly refusals: readonly StoreRefusal[] };

const regions = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
// Regions that the names know and ISO 3166-1 does not: groups of countries, parts of some, and none at all.
const NO_COUNTRY = new Set(['EU', 'EZ', 'UN', 'XA', 'XB', 'ZZ', 'QO', 'AC', 'CP', 'CQ', 'DG', 'EA', 'IC', 'TA']);
/** Whether a region goes by another code today: UK is one of GB, SU of what is no more. */
const isRenamed = (code: string): boolean => new Intl.Locale(`und-${code}`).region !== code;

/** Says whether a code is a country of ISO 3166-1, by two capitals. */
export function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && !NO_COUNTRY.has(code) && regions.of(code) !== undefined && !isRenamed(code);
}

function textFault(text: string, lengthMax: number): string | undefined {
  return nameFault(text) ?? (Array.from(text).length > lengthMax ? 'TOO_LONG' : undefined);
}

/** Decides what a store is like: everything at fault is refused at once. Texts are kept in one Unicode form. */
export function decideStore(command: StoreCommand): StoreDecision {
  const clean = (text: string): string => text.normalize('NFC').trim();
  const [name, city, addressLines] = [clean(command.name), clean(command.city), command.addressLines.map(clean)];
  const latitudeE6 = microdegrees(command.latitude, 90);
  const longitudeE6 = microdegrees(command.longitude, 180);
  const { postalCode, country, hours } = command;
  const timeZone = timeZoneOf(command.timeZone);
  const faults: (readonly [reason: string | undefined, ...field: string[]])[] = [
    [textFault(name, 120), 'name'],
    [addressLines.length === 0 ? 'EMPTY' : addressLines.length > ADDRESS_LINES_MAX ? 'TOO_LONG' : undefined, 'addressLines'],
    ...addressLines.slice(0, ADDRESS_LINES_MAX).map((line, index) => [textFault(line, 120), 'addressLines', String(index)] as const),
    [textFault(city, CITY_LENGTH_MAX), 'city'],
    [postalCode === null || POSTAL_CODE.test(postalCode) ? undefined : 'CHARACTERS', 'postalCode'],
    [isCountry(country) ? undefined : 'COUNTRY', 'country'],
    [latitudeE6 === undefined ? 'OUT_OF_RANGE' : undefined, 'latitude'],
    [longitudeE6 === undefined ? 'OUT_OF_RANGE' : undefined, 'longitude'],
    [timeZone === undefined ? 'TIME_ZONE' : undefined, 'timeZone'],
    ...hoursFaults(hours).map(({ reason, field }) => [reason, ...field] as const),
  ];
  const refusals = faults.flatMap(([reason, ...field]) => (reason ? [{ code: 'INVALID_INPUT' as const, reason, field: ['input', ...field] }] : []));
  if (refusals.length > 0 || latitudeE6 === undefined || longitudeE6 === undefined || timeZone === undefined) return { ok: false, refusals };
  return { ok: true, details: { name, addressLines, city, postalCode, country, timeZone, hours, latitudeE6, longitudeE6 } };
}

/** Says whether a store is open at an instant, by its own clock. A store that was closed for good is not. */
export function isOpenAt({ status, hours, timeZone }: Pick<StoreRecord, 'status' | 'hours' | 'timeZone'>, at: Date): boolean {
  return status === 'OPEN' && isOpen(hours, localTimeOf(at, timeZone));
}
