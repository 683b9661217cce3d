import { currencyCode } from '@tael/money';
import { monthOf } from './month.domain';
import { statementCamt } from './statement.camt.domain';
import type { StatementLine, StatementSummary } from './statement.domain';

const walletId = '01a22108-f8c4-75e9-815b-67a74adecaaf';
const createdAt = new Date('2026-12-01T01:02:03.000Z');
const summary: StatementSummary = {
  walletId, currency: currencyCode('KWD'), month: monthOf('2026-11')!, opening: -1_500n, closing: 250n, credits: 2_000n, debits: 250n, creditCount: 1, debitCount: 1,
  versions: { after: 7n, last: 9n }, final: true,
};
const line = (change: Partial<StatementLine> = {}): StatementLine => ({
  version: 8n, transactionId: '01a22108-0000-7000-8000-000000000001', kind: 'TOP_UP', amount: 2_000n, fee: 0n, balanceAfter: 500n,
  bookedAt: new Date('2026-11-03T04:05:06.789Z'), merchantId: null, counterparty: undefined, description: undefined, ...change,
});
const textOf = (xml: string, path: RegExp) => [...xml.matchAll(path)].map(([, text]) => text);

it('is written to the letter', () => {
  const lines = [line(), line({ version: 9n, kind: 'PAYMENT', amount: -250n, balanceAfter: 250n, counterparty: 'Ada & Co', description: 'Tea' })];
  expect(statementCamt(summary, lines, createdAt).replaceAll('><', '>\n<').split('\n')).toEqual(`<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
<BkToCstmrStmt>
<GrpHdr>
<MsgId>f8c475e9815b67a74adecaaf-2026-11</MsgId>
<CreDtTm>2026-12-01T01:02:03.000Z</CreDtTm>
</GrpHdr>
<Stmt>
<Id>f8c475e9815b67a74adecaaf-2026-11</Id>
<CreDtTm>2026-12-01T01:02:03.000Z</CreDtTm>
<FrToDt>
<FrDtTm>2026-11-01T00:00:00.000Z</FrDtTm>
<ToDtTm>2026-12-01T00:00:00.000Z</ToDtTm>
</FrToDt>
<Acct>
<Id>
<Othr>
<Id>01a22108f8c475e9815b67a74adecaaf</Id>
</Othr>
</Id>
<Ccy>KWD</Ccy>
</Acct>
<Bal>
<Tp>
<CdOrPrtry>
<Cd>OPBD</Cd>
</CdOrPrtry>
</Tp>
<Amt Ccy="KWD">1.500</Amt>
<CdtDbtInd>DBIT</CdtDbtInd>
<Dt>
<DtTm>2026-11-01T00:00:00.000Z</DtTm>
</Dt>
</Bal>
<Bal>
<Tp>
<CdOrPrtry>
<Cd>CLBD</Cd>
</CdOrPrtry>
</Tp>
<Amt Ccy="KWD">0.250</Amt>
<CdtDbtInd>CRDT</CdtDbtInd>
<Dt>
<DtTm>2026-12-01T00:00:00.000Z</DtTm>
</Dt>
</Bal>
<TxsSummry>
<TtlNtries>
<NbOfNtries>2</NbOfNtries>
</TtlNtries>
<TtlCdtNtries>
<NbOfNtries>1</NbOfNtries>
<Sum>2.000</Sum>
</TtlCdtNtries>
<TtlDbtNtries>
<NbOfNtries>1</NbOfNtries>
<Sum>0.250</Sum>
</TtlDbtNtries>
</TxsSummry>
<Ntry>
<NtryRef>8</NtryRef>
<Amt Ccy="KWD">2.000</Amt>
<CdtDbtInd>CRDT</CdtDbtInd>
<Sts>
<Cd>BOOK</Cd>
</Sts>
<BookgDt>
<DtTm>2026-11-03T04:05:06.789Z</DtTm>
</BookgDt>
<ValDt>
<DtTm>2026-11-03T04:05:06.789Z</DtTm>
</ValDt>
<AcctSvcrRef>01a22108000070008000000000000001</AcctSvcrRef>
<BkTxCd>
<Domn>
<Cd>PMNT</Cd>
<Fmly>
<Cd>RCDT</Cd>
<SubFmlyCd>OTHR</SubFmlyCd>
</Fmly>
</Domn>
<Prtry>
<Cd>TOP_UP</Cd>
<Issr>TAEL</Issr>
</Prtry>
</BkTxCd>
<NtryDtls>
<TxDtls>
<Refs>
<AcctSvcrRef>01a22108000070008000000000000001</AcctSvcrRef>
</Refs>
</TxDtls>
</NtryDtls>
</Ntry>
<Ntry>
<NtryRef>9</NtryRef>
<Amt Ccy="KWD">0.250</Amt>
<CdtDbtInd>DBIT</CdtDbtInd>
<Sts>
<Cd>BOOK</Cd>
</Sts>
<BookgDt>
<DtTm>2026-11-03T04:05:06.789Z</DtTm>
</BookgDt>
<ValDt>
<DtTm>2026-11-03T04:05:06.789Z</DtTm>
</ValDt>
<AcctSvcrRef>01a22108000070008000000000000001</AcctSvcrRef>
<BkTxCd>
<Domn>
<Cd>PMNT</Cd>
<Fmly>
<Cd>MCRD</Cd>
<SubFmlyCd>POSP</SubFmlyCd>
</Fmly>
</Domn>
<Prtry>
<Cd>PAYMENT</Cd>
<Issr>TAEL</Issr>
</Prtry>
</BkTxCd>
<NtryDtls>
<TxDtls>
<Refs>
<AcctSvcrRef>01a22108000070008000000000000001</AcctSvcrRef>
</Refs>
<RltdPties>
<Cdtr>
<Pty>
<Nm>Ada &amp; Co</Nm>
</Pty>
</Cdtr>
</RltdPties>
<RmtInf>
<Ustrd>Tea</Ustrd>
</RmtInf>
</TxDtls>
</NtryDtls>
</Ntry>
</Stmt>
</BkToCstmrStmt>
</Document>
`.split('\n'));
});

it.each<[string, bigint, string, string]>([
  ['TOP_UP', 1n, 'RCDT', 'OTHR'], ['PAYMENT', -1n, 'MCRD', 'POSP'], ['PAYMENT', 1n, 'MCRD', 'POSP'], ['TRANSFER', -1n, 'ICDT', 'BOOK'], ['TRANSFER', 1n, 'RCDT', 'BOOK'],
  ['WITHDRAWAL', -1n, 'ICDT', 'OTHR'], ['REFUND', 1n, 'MCRD', 'RIMB'], ['REFUND', -1n, 'MCRD', 'RIMB'], ['FEE_REBATE', 1n, 'MCOP', 'OTHR'], ['MERCHANT_FEES', -1n, 'MDOP', 'OTHR'],
  ['HISTORY', 0n, 'MCOP', 'OTHR'],
])('has for %s of %s the codes PMNT, %s and %s', (kind, amount, family, sub) => {
  const xml = statementCamt(summary, [line({ kind, amount })], createdAt);
  expect(textOf(xml, /<BkTxCd>(.*?)<\/BkTxCd>/g)).toEqual([
    `<Domn><Cd>PMNT</Cd><Fmly><Cd>${family}</Cd><SubFmlyCd>${sub}</SubFmlyCd></Fmly></Domn><Prtry><Cd>${kind}</Cd><Issr>TAEL</Issr></Prtry>`,
  ]);
});

it.each([
  ['plain', 'plain'], ['<a> & "b"', '&lt;a&gt; &amp; &quot;b&quot;'], ['a\r\n\tb', 'a&#13;\n\tb'], ['a\0\x08\x0b\x0c\x0e\x1fb', `a${'\ufffd'.repeat(6)}b`],
  ['\ufffe\uffff', '\ufffd\ufffd'], ['\ud83da', '\ufffda'], ['a\ude00', 'a\ufffd'], ['😀', '😀'], ['\ud83d😀\ude00', '\ufffd😀\ufffd'],
  ['é'.repeat(141), 'é'.repeat(140)], ['😀'.repeat(141), '😀'.repeat(140)], ['&'.repeat(141), '&amp;'.repeat(140)],
])('writes the text %j as %j, at most 140 characters of it', (text, written) => {
  const xml = statementCamt(summary, [line({ counterparty: text, description: text })], createdAt);
  expect(textOf(xml, /<(?:Nm|Ustrd)>([^<]*)</g)).toEqual([written, written]);
});
