import { currencyCode, formatAmount, fractionDigits } from '@tael/money';
import { IntlMessageFormat } from 'intl-messageformat';
import {
  MAIL_TEXTS,
  TEMPLATE_LOCALES,
  type TemplateLocale,
  type TemplateName,
  type TemplateText,
  TEMPLATES,
  UNNAMED,
} from './template.catalogue';

/** What an event says for a text: amounts in minor units as decimal text, and words as they are. */
export interface MessageFacts {
  readonly currency?: string;
  readonly amounts?: Readonly<Record<string, string>>;
  readonly words?: Readonly<Record<string, string>>;
  readonly rateBasisPoints?: number;
  /** Words that are sealed for the person: whoever writes the message opens them first. */
  readonly sealed?: Readonly<Record<string, string>>;
}

export interface MessageNames {
  readonly merchant?: string | undefined;
  readonly counterparty?: string | undefined;
}

export interface WrittenMessage {
  readonly title: string;
  readonly body: string;
  readonly locale: TemplateLocale;
  readonly templateVersion: number;
}

const NAME_MAX = 30;

/**
 * Gives the language of a list that is closest to a tag: the tag itself, then shorter and shorter ones, then the first of the same language;
 * undefined where it is none of them.
 */
export function closestLocale<Locale extends string>(tag: string, locales: readonly Locale[]): Locale | undefined {
  const parts = tag.replaceAll('_', '-').split('-');
  for (let length = parts.length; length > 0; length--) {
    const prefix = parts.slice(0, length).join('-').toLowerCase();
    const exact = locales.find((locale) => locale.toLowerCase() === prefix);
    if (exact) return exact;
  }
  return locales.find((locale) => locale.split('-')[0] === parts[0]?.toLowerCase());
}

/** Gives the language to write in: the closest that there are texts of, else English. */
export const templateLocale = (tag: string): TemplateLocale => closestLocale(tag, TEMPLATE_LOCALES) ?? 'en';

// Numbers follow the person's own tag (en-GB, en-IN) where it is of the language of the text.
function numberLocale(tag: string, locale: TemplateLocale): string {
  try {
    const [canonical] = Intl.getCanonicalLocales(tag.replaceAll('_', '-'));
    return canonical && canonical.split('-')[0] === locale.split('-')[0] ? canonical : locale;
  } catch {
    return locale;
  }
}

// Making one costs more than a hundred uses. People's tags are few, and what they are made of is bounded all the same.
const FORMATS_MAX = 500;
const formats = new Map<string, Intl.NumberFormat>();

function amountFormat(locale: string, currency: string, digits: number): Intl.NumberFormat {
  const name = `${locale} ${currency}`;
  const known = formats.get(name);
  if (known) return known;
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  if (formats.size >= FORMATS_MAX) formats.clear();
  formats.set(name, format);
  return format;
}

/** Writes an amount exactly, in the way of a language: the decimal goes to Intl as text, never through a float. */
export function writeAmount(minor: string, currency: string, locale: string): string {
  const code = currencyCode(currency);
  return amountFormat(locale, code, fractionDigits(code)).format(formatAmount(BigInt(minor), code) as `${number}`);
}

function writeRate(basisPoints: number, locale: string): string {
  const share = `${Math.trunc(basisPoints / 10_000)}.${String(basisPoints % 10_000).padStart(4, '0')}`;
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 }).format(share as `${number}`);
}

const segmenter = new Intl.Segmenter();

/** Makes a name safe to stand in a text: one line, no characters that turn the reading direction, not too long. */
export function writeName(name: string): string {
  const line = name
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const letters = [...segmenter.segment(line)].map((part) => part.segment);
  const short = letters.length > NAME_MAX ? `${letters.slice(0, NAME_MAX - 1).join('')}…` : line;
  // A name that is written from right to left keeps to itself.
  return /\p{Script=Arabic}|\p{Script=Hebrew}/u.test(short) ? `\u2068${short}\u2069` : short;
}

const mapWords = (words: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(words).map(([variable, word]) => [variable, writeName(word)]));

const compiled = new Map<string, IntlMessageFormat>();

function format(pattern: string, locale: TemplateLocale, values: Readonly<Record<string, string>>): string {
  const key = `${locale}\n${pattern}`;
  const message = compiled.get(key) ?? new IntlMessageFormat(pattern, locale, undefined, { ignoreTag: true });
  compiled.set(key, message);
  return String(message.format(values));
}

/** Writes a message in a person's language. Throws where a fact that the text names is missing. */
export function writeMessage(
  name: TemplateName,
  tag: string,
  facts: MessageFacts,
  names: MessageNames,
): WrittenMessage {
  const template = TEMPLATES[name];
  const locale = templateLocale(tag);
  const numbers = numberLocale(tag, locale);
  // Words of events are closed lists or come from outside, such as a card's brand: whichever, they are written as names are.
  const values = mapWords(facts.words ?? {});
  if (facts.currency) values['currency'] = facts.currency;
  for (const [variable, minor] of Object.entries(facts.amounts ?? {})) {
    values[variable] = writeAmount(minor, facts.currency!, numbers);
  }
  if (facts.rateBasisPoints !== undefined) values['rate'] = writeRate(facts.rateBasisPoints, numbers);
  // A name of which nothing can be seen is none.
  values['merchant'] = writeName(names.merchant ?? '') || UNNAMED[locale].merchant;
  values['counterparty'] = writeName(names.counterparty ?? '') || UNNAMED[locale].counterparty;
  const text: TemplateText = template.texts[locale];
  return {
    title: format(text.title, locale, values),
    body: capitalised(format(text.body, locale, values)),
    locale,
    templateVersion: template.version,
  };
}

// A text that begins with a general word ("a merchant gave you…") still begins as a sentence does.
const capitalised = (text: string): string =>
  /^(a merchant|someone)\b/.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text;

/** Writes the letter around a message: greeting, text, where it comes from, and for offers how to stop them. */
export function writeMail(
  message: { title: string; body: string; locale: string },
  name: string,
  unsubscribeUrl: string | null,
): string {
  const locale = templateLocale(message.locale);
  const words = MAIL_TEXTS[locale];
  const lines = [format(words.greeting, locale, { name: writeName(name) }), '', message.body, '', '-- ', words.footer];
  if (unsubscribeUrl) lines.push(format(words.unsubscribe, locale, { url: unsubscribeUrl }));
  return lines.join('\n');
}
