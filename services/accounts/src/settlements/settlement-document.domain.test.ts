import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { type SettledBatch, settlementDocument, type SettlementLine } from './settlement-document.domain';

const USD = currencyCode('USD');
const closedAt = new Date('2026-11-29T00:01:00.000Z');
const now = new Date('2026-11-30T12:00:00.000Z');
const batch = (change: Partial<SettledBatch> = {}): SettledBatch => ({
  id: 'batch', merchantId: '01a22108-f8c4-75e9-815b-67a74adecaaf', currency: USD, number: 7, businessDay: '2026-11-28', gross: 10_000n, refunds: 2_000n, adjustments: 0n,
  fees: 120n, reserveHeld: 800n, reserveReleased: 50n, opening: 300n, closing: 7_430n, paymentCount: 1, refundCount: 1, transactionId: 'payable', closedAt, ...change,
});
const bookedAt = new Date('2026-11-28T10:00:00.000Z');
const LINES: readonly SettlementLine[] = [
  { version: 41n, transactionId: 'paid', kind: 'PAYMENT', amount: 10_000n, bookedAt, parentId: null },
  { version: 44n, transactionId: 'given-back', kind: 'REFUND', amount: -2_000n, bookedAt, parentId: 'paid' },
];
const rowsOf = (of: SettledBatch, lines: readonly SettlementLine[]): string[] =>
  settlementDocument(of, lines, { format: 'CSV', now }).content.trimEnd().split('\r\n').slice(1);

describe('the file of a batch', () => {
  it('has its lines, then its fees, what is held back and what is released, each with what is payable after it', () => {
    expect(rowsOf(batch(), LINES)).toEqual([
      '2026-11-28T10:00:00.000Z,paid,PAYMENT,100.00,USD,0.00,103.00,01a22108-f8c4-75e9-815b-67a74adecaaf,,',
      '2026-11-28T10:00:00.000Z,given-back,REFUND,-20.00,USD,0.00,83.00,01a22108-f8c4-75e9-815b-67a74adecaaf,,',
      '2026-11-29T00:01:00.000Z,payable,MERCHANT_FEES,-1.20,USD,0.00,81.80,01a22108-f8c4-75e9-815b-67a74adecaaf,,',
      '2026-11-29T00:01:00.000Z,payable,RESERVE_HELD,-8.00,USD,0.00,73.80,01a22108-f8c4-75e9-815b-67a74adecaaf,,',
      '2026-11-29T00:01:00.000Z,payable,RESERVE_RELEASED,0.50,USD,0.00,74.30,01a22108-f8c4-75e9-815b-67a74adecaaf,,',
    ]);
  });

  it('leaves out what is nothing, and names the batch where it booked nothing of its own', () => {
    const plain = batch({ fees: 0n, reserveHeld: 0n, reserveReleased: 0n, closing: 8_300n });
    expect(rowsOf(plain, LINES)).toHaveLength(2);
    const released = batch({ fees: 0n, reserveHeld: 0n, transactionId: null, closing: 350n });
    expect(rowsOf(released, []).map((row) => row.split(',').slice(1, 4))).toEqual([['batch', 'RESERVE_RELEASED', '0.50']]);
  });

  it('says in camt.053 from which day to which instant it is, its number, its balances and what both sides come to', () => {
    const { content, mediaType } = settlementDocument(batch(), LINES, { format: 'CAMT_053', now });
    const textOf = (path: RegExp) => [...content.matchAll(path)].map(([, text]) => text);
    expect(mediaType).toBe('application/xml');
    expect(textOf(/<MsgId>([^<]*)</g)).toEqual(['c475e9815b67a74adecaaf-2026-11-28-7']);
    expect(textOf(/<(?:Fr|To)DtTm>([^<]*)</g)).toEqual(['2026-11-28T00:00:00.000Z', '2026-11-29T00:01:00.000Z']);
    expect(textOf(/<Bal>.*?<Amt Ccy="USD">([^<]*)</g)).toEqual(['3.00', '74.30']);
    expect(textOf(/<NbOfNtries>([^<]*)</g)).toEqual(['5', '2', '3']);
    expect(textOf(/<Sum>([^<]*)</g)).toEqual(['100.50', '29.20']);
    expect(textOf(/<NtryRef>([^<]*)</g)).toEqual(['1', '2', '3', '4', '5']);
  });

  it('has the day, the currency and the number in its name', () => {
    expect(settlementDocument(batch(), LINES, { format: 'CSV', now })).toMatchObject({ fileName: 'settlement-2026-11-28-USD-7.csv', mediaType: 'text/csv; charset=utf-8' });
    expect(settlementDocument(batch(), LINES, { format: 'CAMT_053', now }).fileName).toBe('settlement-2026-11-28-USD-7.camt.053.xml');
  });

  it('is none where the lines do not lead from one balance to the other, and says of which batch', () => {
    expect(() => settlementDocument(batch({ closing: 7_431n }), LINES, { format: 'CSV', now })).toThrow('settlement batch does not tie out');
    expect(() => settlementDocument(batch(), LINES.slice(1), { format: 'CSV', now })).toThrow('settlement batch does not tie out');
  });

  it('ties out whatever was paid, given back, held and released', () => {
    const minor = fc.bigInt({ min: 0n, max: 10n ** 12n });
    fc.assert(fc.property(fc.array(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), { maxLength: 10 }), minor, minor, minor, minor, (moves, opening, fees, reserveHeld, reserveReleased) => {
      const lines = moves.map((amount, index): SettlementLine => ({ version: BigInt(index), transactionId: 't', kind: 'PAYMENT', amount, bookedAt, parentId: null }));
      const closing = moves.reduce((sum, amount) => sum + amount, opening - fees - reserveHeld + reserveReleased);
      const rows = rowsOf(batch({ opening, fees, reserveHeld, reserveReleased, closing }), lines);
      expect(rows.filter(Boolean)).toHaveLength(moves.length + [fees, reserveHeld, reserveReleased].filter((amount) => amount > 0n).length);
    }));
  });
});
