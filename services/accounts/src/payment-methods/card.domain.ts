import type { Outcome, Refusal } from '../outcomes/outcome.domain';

/** A card as its holder types it. Number and code live in this object alone, on their way to the processor. */
export interface CardCommand {
  readonly number: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
  readonly securityCode: string;
  readonly holderName: string;
}

export interface CheckedCard extends CardCommand {
  readonly brand: string;
  readonly last4: string;
}

// By the first digits of the number (ISO/IEC 7812), the longest ranges last.
const BRANDS: readonly { brand: string; digits: number; ranges: readonly (readonly [number, number])[] }[] = [
  { brand: 'Visa', digits: 1, ranges: [[4, 4]] },
  { brand: 'Mastercard', digits: 2, ranges: [[51, 55]] },
  { brand: 'Mastercard', digits: 4, ranges: [[2221, 2720]] },
  {
    brand: 'American Express',
    digits: 2,
    ranges: [
      [34, 34],
      [37, 37],
    ],
  },
  { brand: 'JCB', digits: 4, ranges: [[3528, 3589]] },
  {
    brand: 'Diners Club',
    digits: 2,
    ranges: [
      [36, 36],
      [38, 39],
    ],
  },
  { brand: 'Diners Club', digits: 3, ranges: [[300, 305]] },
  { brand: 'Discover', digits: 2, ranges: [[65, 65]] },
  { brand: 'Discover', digits: 3, ranges: [[644, 649]] },
  { brand: 'Discover', digits: 4, ranges: [[6011, 6011]] },
  { brand: 'UnionPay', digits: 2, ranges: [[62, 62]] },
  { brand: 'UnionPay', digits: 2, ranges: [[81, 81]] },
  {
    brand: 'Maestro',
    digits: 2,
    ranges: [
      [50, 50],
      [56, 59],
      [67, 67],
    ],
  },
];

/** Gives the scheme of a card by its number, or "Card" where it is another. */
export function brandOf(number: string): string {
  const found = BRANDS.find(({ digits, ranges }) => {
    const head = Number(number.slice(0, digits));
    return ranges.some(([from, to]) => head >= from && head <= to);
  });
  return found?.brand ?? 'Card';
}

// What the schemes themselves fix; cards of others have a code of three digits and any length that a card number has.
const LENGTHS: Readonly<Record<string, readonly number[]>> = { Visa: [13, 16, 19], Mastercard: [16], 'American Express': [15] };

/** Says whether a text is a card number: 12 to 19 digits, the last of which fits the others (Luhn). */
export function isCardNumber(number: string): boolean {
  if (!/^\d{12,19}$/.test(number)) return false;
  const sum = [...number].reverse().reduce((total, digit, index) => {
    const doubled = index % 2 === 1 ? Number(digit) * 2 : Number(digit);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** Says what is wrong with number and security code; a code of a number that is none need only look like one. */
function numberRefusals(number: string, brand: string, securityCode: string): Refusal[] {
  const fits = isCardNumber(number) && LENGTHS[brand]?.includes(number.length) !== false;
  const code = !fits ? /^\d{3,4}$/ : brand === 'American Express' ? /^\d{4}$/ : /^\d{3}$/;
  return [
    ...(fits ? [] : [invalid('number', 'CARD_NUMBER')]),
    ...(code.test(securityCode) ? [] : [invalid('securityCode', 'SECURITY_CODE')]),
  ];
}

// A card is good to the end of its month wherever its holder is: the last place on Earth is twelve hours behind UTC.
const LAST_ZONE_MS = 12 * 60 * 60 * 1000;
const YEARS_AHEAD_MAX = 30;
const HOLDER_MAX = 100;

function expiryRefusals({ expiryMonth: month, expiryYear: year }: CardCommand, now: Date): Refusal[] {
  if (!Number.isInteger(month) || month < 1 || month > 12) return [invalid('expiryMonth', 'OUT_OF_RANGE')];
  if (!Number.isInteger(year) || year < 2000 || year > now.getUTCFullYear() + YEARS_AHEAD_MAX)
    return [invalid('expiryYear', 'OUT_OF_RANGE')];
  const end = Date.UTC(year, month, 1) + LAST_ZONE_MS;
  return end <= now.getTime() ? [invalid('expiryYear', 'CARD_EXPIRED')] : [];
}

function holderRefusals(name: string): Refusal[] {
  if (name === '') return [invalid('holderName', 'EMPTY')];
  if ([...name].length > HOLDER_MAX) return [invalid('holderName', 'TOO_LONG')];
  return /[\p{Cc}\p{Cs}]/u.test(name) ? [invalid('holderName')] : [];
}

const invalid = (field: string, reason?: string): Refusal => ({
  code: 'INVALID_INPUT',
  ...(reason ? { reason } : {}),
  field: ['input', field],
});

/** Says whether a card can be stored; names every field at fault, and repeats nothing of the card. */
export function checkCard(command: CardCommand, now: Date): Outcome<{ card: CheckedCard }> {
  const number = command.number.length <= 64 ? command.number.replace(/[ -]/g, '') : '';
  const holderName = command.holderName.normalize('NFC').trim();
  const brand = brandOf(number);
  const refusals = [
    ...numberRefusals(number, brand, command.securityCode),
    ...expiryRefusals(command, now),
    ...holderRefusals(holderName),
  ];
  if (refusals.length > 0) return { ok: false, refusals };
  return { ok: true, card: { ...command, number, holderName, brand, last4: number.slice(-4) } };
}
