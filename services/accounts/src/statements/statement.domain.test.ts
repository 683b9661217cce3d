import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { monthOf } from './month.domain';
import { statementCamt } from './statement.camt.domain';
import { statementCsv } from './statement.csv.domain';
import { type StatementLine, type StatementSummary, tieOut } from './statement.domain';

/** Any character, and halves of one: fast-check's `binary` has no halves, and takes seconds to begin. */
const anySign = fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0xd800, max: 0xdfff })).map((code) => String.fromCodePoint(code));

const USD = currencyCode('USD');
const uuid = '01a22108-f8c4-75e9-815b-67a74adecaaf';

const line = (version: bigint, amount: bigint, balanceAfter: bigint, more: Partial<StatementLine> = {}): StatementLine => ({
  version, amount, balanceAfter, transactionId: uuid, kind: amount > 0n ? 'TOP_UP' : 'PAYMENT', fee: 0n, bookedAt: new Date('2026-11-03T04:05:06.789Z'),
  merchantId: null, counterparty: undefined, description: undefined, ...more,
});

/** A statement of moves, as the books would have it. */
function statementOf(opening: bigint, moves: readonly bigint[], more: Partial<StatementLine> = {}): { summary: StatementSummary; lines: StatementLine[] } {
  let balance = opening;
  const lines = moves.map((move, index) => line(BigInt(index) + 8n, move, (balance += move), more));
  const sum = (of: readonly bigint[]) => of.reduce((total, move) => total + move, 0n);
  const [credits, debits] = [moves.filter((move) => move > 0n), moves.filter((move) => move < 0n)];
  const summary: StatementSummary = {
    walletId: uuid, currency: USD, month: monthOf('2026-11')!, opening, closing: balance, credits: sum(credits), debits: -sum(debits),
    creditCount: credits.length, debitCount: debits.length, versions: { after: 7n, last: 7n + BigInt(moves.length) }, final: true,
  };
  return { summary, lines };
}

const moves = fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }).filter((move) => move !== 0n), { maxLength: 30 });

describe('a statement', () => {
  it('ties out, whatever moved', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), moves, (opening, all) => {
      const { summary, lines } = statementOf(opening, all);
      expect(tieOut(summary, lines)).toEqual([]);
    }));
  });

  it('does not where a line is left out, doubled, changed or in another place', () => {
    const some = moves.filter((all) => all.length > 0);
    fc.assert(fc.property(some, fc.nat(), fc.constantFrom('out', 'twice', 'more', 'balance'), (all, at, how) => {
      const { summary, lines } = statementOf(100n, all);
      const index = at % lines.length;
      const here = lines[index]!;
      const changed = { out: [], twice: [here, here], more: [{ ...here, amount: here.amount + 1n }], balance: [{ ...here, balanceAfter: here.balanceAfter - 1n }] }[how];
      expect(tieOut(summary, [...lines.slice(0, index), ...changed!, ...lines.slice(index + 1)])).not.toEqual([]);
    }));
  });

  it('passes over entries that were taken back, and they move nothing', () => {
    const { summary, lines } = statementOf(0n, [5n, -2n]);
    const passing = [{ ...lines[0]!, version: 10n, takenBack: 2 }, { ...lines[1]!, version: 15n, takenBack: 4 }];
    expect(tieOut({ ...summary, versions: { after: 7n, last: 15n } }, passing)).toEqual([]);
  });

  test.each<[string, Partial<StatementSummary>]>([
    ['another opening balance', { opening: 1n }], ['another closing balance', { closing: 1n }], ['other credits', { credits: 1n }],
    ['other debits', { debits: 1n }], ['an entry more', { versions: { after: 7n, last: 10n } }], ['another beginning', { versions: { after: 6n, last: 9n } }],
  ])('does not with %s', (_name, change) => {
    const { summary, lines } = statementOf(0n, [5n, -2n]);
    expect(tieOut({ ...summary, ...change }, lines)).not.toEqual([]);
  });
});

describe('what does not tie out', () => {
  const { summary, lines } = statementOf(0n, [5n, -2n]);
  test.each<[string, StatementSummary, StatementLine[], string[]]>([
    ['a line in another place', summary, [line(8n, 5n, 5n), line(10n, -2n, 3n)], ['entry 10 stands where 9 is due']],
    ['a balance that the lines do not lead to', summary, [line(8n, 5n, 6n), line(9n, -2n, 3n)], ['entry 8 leaves 6; 5 is what the entries before it add up to']],
    ['a line too few', summary, lines.slice(0, 1), ['entries end at 8, the statement at 9', 'the entries do not add up to the closing balance']],
    ['lines that come to less than the totals', { ...summary, credits: 6n, closing: 4n }, lines, ['the entries do not add up to the closing balance']],
    ['a line that passes over entries that were not taken back', summary, [line(8n, 5n, 5n), line(9n, -2n, 3n, { takenBack: 2 })],
      ['entry 9 stands where 11 is due', 'entries end at 11, the statement at 9']],
    ['totals that do not lead to the closing balance', { ...summary, debits: 3n }, lines, ['opening + credits - debits is not the closing balance']],
  ])('is named: %s', (_what, of, its, problems) => expect(tieOut(of, its)).toEqual(problems));
});

describe('as CSV', () => {
  it('has a header and a line an entry, with every sign where it belongs', () => {
    const { summary, lines } = statementOf(1_000n, [250n, -1_050n], { fee: 50n });
    expect(statementCsv(summary, lines).split('\r\n')).toEqual([
      'bookedAt,transactionId,kind,amount,currency,fee,balanceAfter,merchantId,counterparty,description',
      `2026-11-03T04:05:06.789Z,${uuid},TOP_UP,2.50,USD,0.50,12.50,,,`,
      `2026-11-03T04:05:06.789Z,${uuid},PAYMENT,-10.50,USD,0.50,2.00,,,`,
      '',
    ]);
  });

  test.each([
    ['plain', 'plain'], ['a, b', '"a, b"'], ['say "hi"', '"say ""hi"""'], ['two\nlines', '"two\nlines"'], ['=1+1', "'=1+1"], ['+49', "'+49"],
    ['-1', "'-1"], ['@SUM(A1)', "'@SUM(A1)"], ['\tx', "'\tx"], ['=1,2', `"'=1,2"`], ['a=b', 'a=b'], ['王小明', '王小明'],
  ])('writes the text %j as %j', (text, cell) => {
    const { summary, lines } = statementOf(0n, [1n], { description: text, counterparty: text, merchantId: 'm' });
    expect(statementCsv(summary, lines).split('\r\n').slice(1).join('\r\n')).toBe(`2026-11-03T04:05:06.789Z,${uuid},TOP_UP,0.01,USD,0.00,0.01,m,${cell},${cell}\r\n`);
  });
});

describe('as camt.053', () => {
  const at = new Date('2026-12-01T01:02:03.000Z');
  const textOf = (xml: string, path: RegExp) => [...xml.matchAll(path)].map(([, text]) => text);

  it('says the balances, the totals and each entry', () => {
    const { summary, lines } = statementOf(1_000n, [250n, -1_050n], { counterparty: 'Ada', description: 'Thanks' });
    const xml = statementCamt(summary, lines, at);
    expect(xml.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">')).toBe(true);
    expect(textOf(xml, /<Amt Ccy="USD">([\d.]+)<\/Amt>/g)).toEqual(['10.00', '2.00', '2.50', '10.50']);
    expect(textOf(xml, /<CdtDbtInd>(\w+)</g)).toEqual(['CRDT', 'CRDT', 'CRDT', 'DBIT']);
    expect(textOf(xml, /<Sum>([\d.]+)</g)).toEqual(['2.50', '10.50']);
    expect(textOf(xml, /<NbOfNtries>(\d+)</g)).toEqual(['2', '1', '1']);
    expect(textOf(xml, /<(Dbtr|Cdtr)>/g)).toEqual(['Dbtr', 'Cdtr']);
    expect(textOf(xml, /<NtryRef>(\d+)</g)).toEqual(['8', '9']);
    expect(textOf(xml, /<(?:MsgId|AcctSvcrRef|Id)>([^<]{36,})</g)).toEqual([]);
  });

  it('of an overdrawn account says so by the side and not by a sign', () => {
    const { summary, lines } = statementOf(-500n, []);
    const xml = statementCamt(summary, lines, at);
    expect(xml).not.toContain('-5.00');
    expect(textOf(xml, /<CdtDbtInd>(\w+)</g)).toEqual(['DBIT', 'DBIT']);
  });

  it('is well-formed whatever a person wrote', () => {
    fc.assert(fc.property(fc.string({ unit: anySign, maxLength: 300 }), fc.string({ unit: 'grapheme', maxLength: 300 }), (description, counterparty) => {
      const { summary, lines } = statementOf(0n, [1n], { description, counterparty });
      const xml = statementCamt(summary, lines, at);
      // Outside of tags there is no sign of markup, and nothing that XML 1.0 cannot carry.
      const texts = xml.replace(/<[^<>]*>/g, '');
      expect(texts).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot|#13);)/);
      // eslint-disable-next-line no-control-regex
      expect(texts).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
      expect(Buffer.from(xml, 'utf8').toString('utf8')).toBe(xml);
      for (const [, text] of xml.matchAll(/<(?:Ustrd|Nm)>([^<]*)</g)) {
        const plain = text!.replace(/&(?:amp|lt|gt|quot|#13);/g, 'x');
        expect([...plain].length).toBeLessThanOrEqual(140);
      }
    }));
  });
});
