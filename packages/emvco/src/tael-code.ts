import { type CurrencyCode, currencyOfNumeric, formatAmount, type Money, numericCode, parseAmount } from '@tael/money';
import { readObjects, writeObjects } from './data-objects';
import { type Localised, readMerchantPresented, writeMerchantPresented } from './merchant-presented';
import { compactId, expandedId } from './compact-id';
import { asciiOf, languageOf } from './script';
import { refused, type Result } from './result';

/** Our template among the merchant accounts, and the name that tells it from those of other schemes. */
const TEMPLATE = '26';
const SCHEME = 'app.tael';
const NAME_LENGTH_MAX = 25;
const CITY_LENGTH_MAX = 15;
const REFERENCE = '05';

/** A shop as its codes name it. */
export interface TaelShop {
  readonly merchantId: string;
  readonly storeId: string;
  readonly categoryCode: string;
  readonly currency: CurrencyCode;
  readonly country: string;
  readonly name: string;
  readonly city: string;
  readonly postalCode?: string | undefined;
}

/** What makes a code one of one payment. */
export interface TaelDynamic {
  readonly codeId: string;
  /** Minor units of the shop's currency. */
  readonly minor: bigint;
  readonly reference?: string | undefined;
}

/** What Tael reads of one of its codes; ids as UUIDs in lower case. */
export interface TaelCode {
  readonly merchantId: string;
  readonly storeId: string;
  /** Of a dynamic code. */
  readonly codeId: string | undefined;
  readonly currency: CurrencyCode;
  readonly amount: Money | undefined;
}

/** Writes the code of a shop: static, or for one payment. */
export function writeTaelCode(shop: TaelShop, dynamic?: TaelDynamic): string {
  const account = writeObjects([
    ['00', SCHEME],
    ['01', compactId(shop.merchantId)],
    ['02', compactId(shop.storeId)],
    ...(dynamic ? [['03', compactId(dynamic.codeId)] as const] : []),
  ]);
  return writeMerchantPresented({
    initiation: dynamic ? 'DYNAMIC' : 'STATIC',
    accounts: new Map([[TEMPLATE, account]]),
    categoryCode: shop.categoryCode,
    currency: numericCode(shop.currency),
    amount: dynamic && formatAmount(dynamic.minor, shop.currency),
    tip: undefined,
    country: shop.country,
    name: asciiOf(shop.name, NAME_LENGTH_MAX) ?? 'TAEL MERCHANT',
    city: asciiOf(shop.city, CITY_LENGTH_MAX) ?? shop.country,
    postalCode: shop.postalCode === undefined ? undefined : asciiOf(shop.postalCode, 10),
    additional: new Map(dynamic?.reference === undefined ? [] : [[REFERENCE, dynamic.reference]]),
    localised: localisedOf(shop),
  });
}

function localisedOf({ name, city }: TaelShop): Localised | undefined {
  const language = languageOf(name);
  if (language === undefined) return undefined;
  return { language, name: cut(name.trim(), NAME_LENGTH_MAX), city: cut(city.trim(), CITY_LENGTH_MAX) || undefined };
}

const graphemes = new Intl.Segmenter();

/** As many whole graphemes as a number of characters has room for, since half of one is another; of one that alone is longer, its beginning. */
function cut(text: string, length: number): string {
  let room = length;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    room -= Array.from(segment).length;
    if (room < 0) break;
    kept += segment;
  }
  return kept === '' ? Array.from(text).slice(0, length).join('') : kept;
}

/** Reads a code of Tael. Never throws; a code of another scheme is NOT_OURS, and one with a tip UNSUPPORTED. */
export function readTaelCode(payload: string): Result<TaelCode> {
  const read = readMerchantPresented(payload);
  if (!read.ok) return read;
  const account = read.value.accounts.get(TEMPLATE);
  const template = account === undefined ? undefined : readObjects(account);
  if (!template?.ok || template.value.get('00') !== SCHEME) return refused('NOT_OURS');
  if (read.value.tip) return refused('UNSUPPORTED');
  const [merchantId, storeId, codeId] = ['01', '02', '03'].map((id) => expandedId(template.value.get(id)));
  const currency = currencyOfNumeric(read.value.currency);
  const isDynamic = read.value.initiation === 'DYNAMIC';
  if (!merchantId || !storeId || !currency || isDynamic !== template.value.has('03') || (isDynamic && !codeId)) return refused('FORM');
  const amount = amountOf(read.value.amount, currency);
  if (amount === 'FORM' || (isDynamic && !amount)) return refused('FORM');
  return { ok: true, value: { merchantId, storeId, codeId, currency, amount } };
}

/** The specification lets an amount end with its point and begin with zeros. */
function amountOf(text: string | undefined, currency: CurrencyCode): Money | 'FORM' | undefined {
  if (text === undefined) return undefined;
  const parsed = parseAmount(text.replace(/\.$/, '').replace(/^0+(?=\d)/, ''), currency);
  return parsed.ok ? { minor: parsed.minor, currency } : 'FORM';
}
