import { isCurrencyCode, type CurrencyCode } from '@tael/money';
import { z } from 'zod';

// Descriptions are what the catalogue page shows in place of a pattern.

/** Minor units: text in JSON, bigint in code. */
export const minor = z
  .codec(z.string().regex(/^-?\d{1,18}$/), z.bigint(), {
    decode: (text) => BigInt(text),
    encode: (value) => value.toString(),
  })
  .describe('minor units, whole number as text');

/** An instant: RFC 3339 text in JSON, Date in code. */
export const instant = z
  .codec(z.iso.datetime(), z.date(), {
    decode: (text) => new Date(text),
    encode: (value) => value.toISOString(),
  })
  .describe('instant, RFC 3339 in UTC');

export const id = z.uuid().describe('UUID');

export const currency = z
  .string()
  .refine((code): code is CurrencyCode => isCurrencyCode(code), 'not an active currency')
  .describe('ISO 4217 code');

/** Personal data or free text, sealed for the id that the event's description names. */
export const sealed = z
  .string()
  .regex(/^v1\.[a-z0-9-]+\.[\w-]+\.[\w-]+$/)
  .describe('sealed text');

/** ISO 18245 category code. */
export const categoryCode = z
  .string()
  .regex(/^\d{4}$/)
  .describe('ISO 18245 code, four digits');
