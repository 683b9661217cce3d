import { crc16 } from './crc';
import { type DataObjects, readObjects, writeObjects } from './data-objects';
import { type QrFault, refused, type Result } from './result';

/** What EMV QRCPS Merchant-Presented Mode 1.1 puts into a code. Texts are as written; what they mean is the scheme's. */
export interface MerchantPresented {
  /** Static: shown again and again. Dynamic: made for one payment. Undefined: the code does not say. */
  readonly initiation: 'STATIC' | 'DYNAMIC' | undefined;
  /** Merchant account information, ids 02 to 51; those from 26 on are templates, read by {@link readObjects}. */
  readonly accounts: DataObjects;
  readonly categoryCode: string;
  /** ISO 4217, three digits. */
  readonly currency: string;
  readonly amount: string | undefined;
  readonly tip: Tip | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly name: string;
  readonly city: string;
  readonly postalCode: string | undefined;
  /** Id 62: 01 bill number, 03 store label, 05 reference label, 07 terminal label, and others. */
  readonly additional: DataObjects;
  /** Id 64: name and city in the merchant's own language and script. */
  readonly localised: Localised | undefined;
}

export type Tip =
  | { readonly kind: 'PROMPT' }
  | { readonly kind: 'FIXED'; readonly amount: string }
  | { readonly kind: 'PERCENTAGE'; readonly percentage: string };

export interface Localised {
  /** ISO 639-1, two letters. */
  readonly language: string;
  readonly name: string;
  readonly city: string | undefined;
}

const PAYLOAD_LENGTH_MAX = 512;
const ANS = '[\\x20-\\x7e]';
const FORMS: Readonly<Record<string, RegExp>> = {
  '52': /^\d{4}$/,
  '53': /^\d{3}$/,
  '54': /^(?=.{1,13}$)(?=.*[1-9])\d+(\.\d*)?$/,
  '55': /^0[123]$/,
  '56': /^(?=.{1,13}$)(?=.*[1-9])\d+(\.\d*)?$/,
  '57': /^(?=.{1,5}$)(?=.*[1-9])(100(\.0*)?|\d{1,2}(\.\d*)?)$/,
  '58': /^[A-Z]{2}$/,
  '59': new RegExp(`^${ANS}{1,25}$`),
  '60': new RegExp(`^${ANS}{1,15}$`),
  '61': new RegExp(`^${ANS}{1,10}$`),
};
const MANDATORY = ['52', '53', '58', '59', '60'] as const;
const INITIATIONS = new Map([
  ['11', 'STATIC'],
  ['12', 'DYNAMIC'],
] as const);
const NONE: DataObjects = new Map();

const isAccount = (id: string): boolean => id >= '02' && id <= '51';
const isTemplate = (id: string): boolean => id >= '26' && id <= '51';

/** Reads a code. Never throws: whatever is not exactly a code of the specification is refused, with why. */
export function readMerchantPresented(payload: string): Result<MerchantPresented> {
  const framed = readFrame(payload);
  if (!framed.ok) return framed;
  const objects = framed.value;
  const accounts = new Map([...objects].filter(([id]) => isAccount(id)));
  const fault = faultOf(objects, accounts);
  if (fault) return refused(fault);
  const initiation = objects.get('01');
  const tip = tipOf(objects);
  const additional = templateOf(objects, '62');
  const localised = localisedOf(objects);
  if (!tip.ok) return tip;
  if (!additional.ok) return additional;
  if (!localised.ok) return localised;
  return {
    ok: true,
    value: {
      initiation: initiation === undefined ? undefined : INITIATIONS.get(initiation as '11' | '12'),
      accounts,
      categoryCode: objects.get('52')!,
      currency: objects.get('53')!,
      amount: objects.get('54'),
      tip: tip.value,
      country: objects.get('58')!,
      name: objects.get('59')!,
      city: objects.get('60')!,
      postalCode: objects.get('61'),
      additional: additional.value ?? NONE,
      localised: localised.value,
    },
  };
}

/** Reads what every code has: "01" as its format first, the checksum over all before it last, each object once. */
function readFrame(payload: string): Result<DataObjects> {
  if (payload.length === 0 || payload.length > PAYLOAD_LENGTH_MAX) return refused('MALFORMED');
  const read = readObjects(payload);
  if (!read.ok) return read;
  const ids = [...read.value.keys()];
  if (ids[0] !== '00' || read.value.get('00') !== '01') return refused('MALFORMED');
  if (ids.at(-1) !== '63' || read.value.get('63')!.length !== 4) return refused('MALFORMED');
  return crc16(payload.slice(0, -4)) === payload.slice(-4) ? read : refused('CHECKSUM');
}

function faultOf(objects: DataObjects, accounts: DataObjects): QrFault | undefined {
  if (accounts.size === 0 || MANDATORY.some((id) => !objects.has(id))) return 'MISSING';
  if (Object.entries(FORMS).some(([id, form]) => objects.has(id) && !form.test(objects.get(id)!))) return 'FORM';
  const initiation = objects.get('01');
  if (initiation !== undefined && !INITIATIONS.has(initiation as '11' | '12')) return 'FORM';
  for (const [id, value] of accounts) {
    if (!isTemplate(id)) continue;
    const template = readObjects(value);
    if (!template.ok) return template.fault;
    if (!template.value.has('00')) return 'MISSING';
  }
  return undefined;
}

function tipOf(objects: DataObjects): Result<Tip | undefined> {
  const [kind, fixed, percentage] = [objects.get('55'), objects.get('56'), objects.get('57')];
  const alone = fixed === undefined || percentage === undefined;
  if (kind === '01' && alone && fixed === percentage) return { ok: true, value: { kind: 'PROMPT' } };
  if (kind === '02' && alone && fixed !== undefined) return { ok: true, value: { kind: 'FIXED', amount: fixed } };
  if (kind === '03' && alone && percentage !== undefined) return { ok: true, value: { kind: 'PERCENTAGE', percentage } };
  return kind === undefined && fixed === undefined && percentage === undefined ? { ok: true, value: undefined } : refused('FORM');
}

function templateOf(objects: DataObjects, id: string): Result<DataObjects | undefined> {
  const text = objects.get(id);
  return text === undefined ? { ok: true, value: undefined } : readObjects(text);
}

function localisedOf(objects: DataObjects): Result<Localised | undefined> {
  const template = templateOf(objects, '64');
  if (!template.ok || template.value === undefined) return template as Result<undefined>;
  const [language, name, city] = [template.value.get('00'), template.value.get('01'), template.value.get('02')];
  if (language === undefined || name === undefined) return refused('MISSING');
  const fits = /^[A-Za-z]{2}$/.test(language) && lengthOf(name) <= 25 && lengthOf(city ?? '') <= 15;
  return fits ? { ok: true, value: { language, name, city } } : refused('FORM');
}

const lengthOf = (text: string): number => Array.from(text).length;

/** Writes a code. Throws where it would be none: what is written here is always read by {@link readMerchantPresented}. */
export function writeMerchantPresented(code: MerchantPresented): string {
  const objects: [string, string | undefined][] = [
    ['00', '01'],
    ['01', code.initiation && (code.initiation === 'STATIC' ? '11' : '12')],
    ...code.accounts,
    ['52', code.categoryCode],
    ['53', code.currency],
    ['54', code.amount],
    ...tipObjects(code.tip),
    ['58', code.country],
    ['59', code.name],
    ['60', code.city],
    ['61', code.postalCode],
    ['62', code.additional.size > 0 ? writeObjects(code.additional) : undefined],
    ['64', code.localised && localisedText(code.localised)],
  ];
  const body = `${writeObjects(objects.filter((object): object is [string, string] => object[1] !== undefined))}6304`;
  const payload = body + crc16(body);
  const read = readMerchantPresented(payload);
  if (!read.ok) throw new RangeError(`a code that nobody could read: ${read.fault}`);
  return payload;
}

function tipObjects(tip: Tip | undefined): [string, string][] {
  if (!tip) return [];
  if (tip.kind === 'PROMPT') return [['55', '01']];
  return tip.kind === 'FIXED' ? [['55', '02'], ['56', tip.amount]] : [['55', '03'], ['57', tip.percentage]];
}

function localisedText({ language, name, city }: Localised): string {
  return writeObjects([['00', language], ['01', name], ...(city === undefined ? [] : [['02', city] as const])]);
}
