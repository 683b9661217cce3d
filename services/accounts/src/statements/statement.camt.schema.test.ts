import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { currencyCode } from '@tael/money';
import { validateXML } from 'xmllint-wasm';
import { settlementDocument } from '../settlements/settlement-document.domain';
import { monthOf } from './month.domain';
import { statementCamt } from './statement.camt.domain';
import type { StatementLine, StatementSummary } from './statement.domain';

jest.setTimeout(60_000);

/** The schema of ISO 20022 itself, as test/data/README.md says. */
const SCHEMA = readFileSync(join(__dirname, '..', '..', 'test', 'data', 'camt.053.001.08.xsd'), 'utf8');
const createdAt = new Date('2026-12-01T01:02:03.000Z');
const month = monthOf('2026-11')!;
const summary: StatementSummary = {
  walletId: '01a22108-f8c4-75e9-815b-67a74adecaaf', currency: currencyCode('USD'), month, opening: 0n, closing: 0n, credits: 0n, debits: 0n, creditCount: 0, debitCount: 0,
  versions: { after: 0n, last: 0n }, final: true,
};
const line = (change: Partial<StatementLine> = {}): StatementLine => ({
  version: 8n, transactionId: '01a22108-0000-7000-8000-000000000001', kind: 'TOP_UP', amount: 2_000n, fee: 0n, balanceAfter: 500n,
  bookedAt: new Date('2026-11-03T04:05:06.789Z'), merchantId: null, counterparty: undefined, description: undefined, ...change,
});
const KINDS = [
  'TOP_UP', 'PAYMENT', 'TRANSFER', 'WITHDRAWAL', 'REFUND', 'FEE_REBATE', 'CASHBACK', 'HISTORY', 'CHARGE_BACK', 'MERCHANT_FEES', 'RESERVE_HELD', 'RESERVE_RELEASED',
];
// Beyond the plane that UTF-16 has one unit for, at the bound, and what XML and its schema language treat in their own way.
const TEXTS = ['a', ' ', '<a> & "b"', 'a\r\n\tb\0\x08', '\ufffe\ud83d', '😀'.repeat(200), '&'.repeat(200), ']]>', '<![CDATA[', '<!--', '&#0;', 'مقهى 街角'];

async function problemsOf(...documents: readonly string[]): Promise<readonly string[]> {
  const { valid, errors } = await validateXML({ xml: documents.map((contents, index) => ({ fileName: `${index}.xml`, contents })), schema: [SCHEMA] });
  const problems = errors.map(({ rawMessage }) => rawMessage);
  return valid === (problems.length === 0) ? problems : [`valid is ${valid}`, ...problems];
}
const statement = (change: Partial<StatementSummary>, ...lines: readonly StatementLine[]): string => statementCamt({ ...summary, ...change }, lines, createdAt);

describe('a camt.053 file is valid by the schema of ISO 20022', () => {
  it('where nothing moved', async () => {
    expect(await problemsOf(statement({}))).toEqual([]);
  });
  it('with every kind of line, in and out', async () => {
    const lines = KINDS.flatMap((kind) => [2_000n, -2_000n, 0n].map((amount) => line({ kind, amount, counterparty: 'Ada', description: 'Tea' })));
    expect(await problemsOf(statement({ creditCount: lines.length, credits: 12_345n }, ...lines))).toEqual([]);
  });
  it('in currencies of no, two and three digits, below zero and as large as a balance can be', async () => {
    const most = 10n ** 17n;
    const documents = ['JPY', 'USD', 'KWD'].map((code) => statement(
      { currency: currencyCode(code), opening: -most, closing: most, credits: 2n * most, creditCount: 2, versions: { after: 7n, last: 9n } },
      line({ amount: most, version: 8n }), line({ amount: -most, version: 9_007_199_254_740_993n }),
    ));
    expect(await problemsOf(...documents)).toEqual([]);
  });
  it('whatever people wrote', async () => {
    const lines = TEXTS.flatMap((text) => [line({ counterparty: text }), line({ description: text, amount: -1n }), line({ counterparty: text, description: text })]);
    expect(await problemsOf(statement({}, ...lines))).toEqual([]);
  });
  it('of a settlement, whatever its number', async () => {
    const documents = [1, 7, 12_345].map((number) => settlementDocument({
      id: '01a22108-0000-7000-8000-0000000000ba', merchantId: summary.walletId, currency: currencyCode('USD'), number, businessDay: '2026-11-28', gross: 10_000n, refunds: 2_000n, adjustments: 0n,
      fees: 120n, reserveHeld: 800n, reserveReleased: 50n, opening: 300n, closing: 7_430n, paymentCount: 1, refundCount: 1, transactionId: '01a22108-0000-7000-8000-0000000000bb',
      closedAt: new Date('2026-11-29T00:01:00.000Z'),
    }, [
      { version: 41n, transactionId: '01a22108-0000-7000-8000-000000000001', kind: 'PAYMENT', amount: 10_000n, bookedAt: createdAt, parentId: null },
      { version: 44n, transactionId: '01a22108-0000-7000-8000-000000000002', kind: 'REFUND', amount: -2_000n, bookedAt: createdAt, parentId: '01a22108-0000-7000-8000-000000000001' },
    ], { format: 'CAMT_053', now: createdAt }).content);
    expect(await problemsOf(...documents)).toEqual([]);
  });

  // The schema is heard at all: each of these breaks one rule of it.
  it.each<[string, (xml: string) => string, RegExp]>([
    ['an element in the wrong place', (xml) => xml.replace(/(<Amt[^]*?<\/Amt>)(<CdtDbtInd>CRDT<\/CdtDbtInd>)/, '$2$1'), /element is not expected|CdtDbtInd/],
    ['an amount with a sign', (xml) => xml.replace('>20.00<', '>-20.00<'), /minInclusive/],
    ['an amount of six digits behind the point', (xml) => xml.replace('>20.00<', '>20.000001<'), /fractionDigits/],
    ['an id of 36 characters', (xml) => xml.replace(/<MsgId>[^<]*/, `<MsgId>${'x'.repeat(36)}`), /maxLength/],
    ['no balance', (xml) => xml.replace(/<Bal>[^]*<\/Bal>/, ''), /Bal/],
    ['another version', (xml) => xml.replace('053.001.08', '053.001.02'), /No matching global declaration/],
    ['a time that is none', (xml) => xml.replace(/<CreDtTm>[^<]*/, '<CreDtTm>2026-13-01T00:00:00Z'), /atomic type/],
    ['a side that is none', (xml) => xml.replaceAll('CRDT', 'CREDIT'), /enumeration/],
  ])('and is not with %s', async (_what, change, problem) => {
    const good = statement({}, line());
    const bad = change(good);
    expect(bad).not.toBe(good);
    expect((await problemsOf(bad)).join('\n')).toMatch(problem);
  });
});
