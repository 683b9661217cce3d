import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { showToPartners } from './partner-marks';

// Longer than any amount or code can be; what is too long or no decimal is refused by the rules, with a field path.
const TEXT_MAX = 64;

function text(name: string) {
  return (value: unknown): string => {
    if (typeof value === 'string' && value.length <= TEXT_MAX) return value;
    throw new GraphQLError(`${name} must be text of at most ${TEXT_MAX} characters`, { extensions: { code: 'BAD_USER_INPUT' } });
  };
}

function textScalar(name: string, description: string): GraphQLScalarType<string, string> {
  const read = text(name);
  return new GraphQLScalarType({
    name,
    description,
    serialize: (value) => String(value),
    parseValue: read,
    parseLiteral: (node) => read(node.kind === Kind.STRING ? node.value : undefined),
  });
}

export const Decimal = textScalar(
  'Decimal',
  'Decimal number as a string, e.g. "12.50". Never a float. More fraction digits than the currency has is refused.',
);

export const CurrencyCodeScalar = textScalar(
  'CurrencyCode',
  'ISO 4217 alphabetic code of an active currency, e.g. USD (2 digits), JPY (0), KWD (3).',
);

const RFC3339_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;

function readInstant(value: unknown): Date {
  const date = typeof value === 'string' && RFC3339_UTC.test(value) ? new Date(value) : undefined;
  // A day or hour that does not exist (30 February, 24:00) would silently become another.
  if (date && !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 19) === String(value).slice(0, 19)) return date;
  throw new GraphQLError('DateTime must be an RFC 3339 instant in UTC', { extensions: { code: 'BAD_USER_INPUT' } });
}

export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'RFC 3339 instant in UTC, e.g. 2026-11-21T18:29:00.000Z.',
  serialize: (value) => (value instanceof Date ? value : new Date(value as string)).toISOString(),
  parseValue: readInstant,
  parseLiteral: (node) => readInstant(node.kind === Kind.STRING ? node.value : undefined),
});

showToPartners(DateTime.name, Decimal.name, CurrencyCodeScalar.name);
