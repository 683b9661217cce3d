import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { statementCamt } from '../statements/statement.camt.domain';
import { monthOf } from '../statements/month.domain';
import { type CamtReading, type CamtState, isWhole, readCamt } from './camt.reader';

/** Any character, and halves of one: fast-check's `binary` has no halves, and takes seconds to begin. */
const anySign = fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0xd800, max: 0xdfff })).map((code) => String.fromCodePoint(code));

const EUR = currencyCode('EUR');
const read = (text: string, state: CamtState | null = null, firstLine = 1): CamtReading => readCamt(text, { firstLine, currency: EUR, state });
const good = (reading: CamtReading): Extract<CamtReading, { lines: unknown }> => {
  if ('problem' in reading) throw new Error(JSON.stringify(reading.problem));
  return reading;
};
const brief = (reading: CamtReading) => good(reading).lines.map(({ bookingId, reference, kind, amount, bookedOn }) => [bookingId, reference, kind, amount, bookedOn]);

const ORDER = '019a2b3c-4d5e-7f60-8123-456789abcdef';
const balance = (code: string, amount: string, side = 'CRDT'): string =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd><Dt><Dt>2026-11-10</Dt></Dt></Bal>`;
const entry = ({ amount = '10.00', side = 'DBIT', status = '<Sts><Cd>BOOK</Cd></Sts>', ref = '<AcctSvcrRef>A1</AcctSvcrRef>', day = '<BookgDt><Dt>2026-11-10</Dt></BookgDt>',
  more = '', currency = 'EUR' } = {}): string =>
  `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd>${status}${day}${ref}${more}</Ntry>`;
const details = (...transactions: string[]): string => `<NtryDtls>${transactions.map((one) => `<TxDtls>${one}</TxDtls>`).join('')}</NtryDtls>`;
const file = (inner: string, version = '08'): string => `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S1</Id>
<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>
${inner}
</Stmt></BkToCstmrStmt></Document>
`;

// In the style of a German bank: version 02, prefixes, a batch of transfers, a returned debit, and an interest without any reference.
const GERMAN = `<?xml version="1.0" encoding="UTF-8"?>
<ns2:Document xmlns:ns2="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <ns2:BkToCstmrStmt>
  <ns2:GrpHdr><ns2:MsgId>053D2026-11-10</ns2:MsgId><ns2:MsgPgntn><ns2:PgNb>1</ns2:PgNb><ns2:LastPgInd>true</ns2:LastPgInd></ns2:MsgPgntn></ns2:GrpHdr>
  <ns2:Stmt>
   <ns2:Id>0352C532</ns2:Id><ns2:ElctrncSeqNb>210</ns2:ElctrncSeqNb>
   <ns2:Acct><ns2:Id><ns2:IBAN>DE02120300000000202051</ns2:IBAN></ns2:Id><ns2:Ccy>EUR</ns2:Ccy></ns2:Acct>
   <ns2:Bal><ns2:Tp><ns2:CdOrPrtry><ns2:Cd>PRCD</ns2:Cd></ns2:CdOrPrtry></ns2:Tp><ns2:Amt Ccy="EUR">100</ns2:Amt><ns2:CdtDbtInd>CRDT</ns2:CdtDbtInd><ns2:Dt><ns2:Dt>2026-11-09</ns2:Dt></ns2:Dt></ns2:Bal>
   <ns2:Bal><ns2:Tp><ns2:CdOrPrtry><ns2:Cd>CLBD</ns2:Cd></ns2:CdOrPrtry></ns2:Tp><ns2:Amt Ccy="EUR">60.75</ns2:Amt><ns2:CdtDbtInd>CRDT</ns2:CdtDbtInd><ns2:Dt><ns2:Dt>2026-11-10</ns2:Dt></ns2:Dt></ns2:Bal>
   <ns2:Ntry>
    <ns2:Amt Ccy="EUR">50.25</ns2:Amt><ns2:CdtDbtInd>DBIT</ns2:CdtDbtInd><ns2:Sts>BOOK</ns2:Sts>
    <ns2:BookgDt><ns2:Dt>2026-11-10</ns2:Dt></ns2:BookgDt><ns2:ValDt><ns2:Dt>2026-11-11</ns2:Dt></ns2:ValDt><ns2:AcctSvcrRef>2026314000001</ns2:AcctSvcrRef>
    <ns2:BkTxCd><ns2:Domn><ns2:Cd>PMNT</ns2:Cd><ns2:Fmly><ns2:Cd>ICDT</ns2:Cd><ns2:SubFmlyCd>ESCT</ns2:SubFmlyCd></ns2:Fmly></ns2:Domn></ns2:BkTxCd>
    <ns2:NtryDtls><ns2:Btch><ns2:NbOfTxs>2</ns2:NbOfTxs></ns2:Btch>
     <ns2:TxDtls><ns2:Refs><ns2:EndToEndId>${ORDER.replaceAll('-', '')}</ns2:EndToEndId></ns2:Refs><ns2:AmtDtls><ns2:TxAmt><ns2:Amt Ccy="EUR">40.00</ns2:Amt></ns2:TxAmt></ns2:AmtDtls>
      <ns2:RltdPties><ns2:Cdtr><ns2:Nm>Ada Lovelace &amp; Söhne</ns2:Nm></ns2:Cdtr></ns2:RltdPties></ns2:TxDtls>
     <ns2:TxDtls><ns2:Refs><ns2:EndToEndId>NOTPROVIDED</ns2:EndToEndId></ns2:Refs><ns2:AmtDtls><ns2:TxAmt><ns2:Amt Ccy="EUR">10.00</ns2:Amt></ns2:TxAmt></ns2:AmtDtls></ns2:TxDtls>
    </ns2:NtryDtls>
   </ns2:Ntry>
   <ns2:Ntry>
    <ns2:Amt Ccy="EUR">11.00</ns2:Amt><ns2:CdtDbtInd>CRDT</ns2:CdtDbtInd><ns2:Sts>BOOK</ns2:Sts><ns2:BookgDt><ns2:DtTm>2026-11-10T23:59:59+01:00</ns2:DtTm></ns2:BookgDt>
    <ns2:AcctSvcrRef>2026314000002</ns2:AcctSvcrRef>
    <ns2:NtryDtls><ns2:TxDtls><ns2:Refs><ns2:EndToEndId>${ORDER.replaceAll('-', '')}</ns2:EndToEndId></ns2:Refs><ns2:RtrInf><ns2:Rsn><ns2:Cd>AC04</ns2:Cd></ns2:Rsn></ns2:RtrInf></ns2:TxDtls></ns2:NtryDtls>
   </ns2:Ntry>
   <ns2:Ntry><ns2:Amt Ccy="EUR">0.50</ns2:Amt><ns2:CdtDbtInd>CRDT</ns2:CdtDbtInd><ns2:Sts>PDNG</ns2:Sts></ns2:Ntry>
  </ns2:Stmt>
 </ns2:BkToCstmrStmt>
</ns2:Document>
`;

describe('readCamt', () => {
  it('reads a German bank\'s file: a batch with its charges, a return, and nothing of names', () => {
    const reading = good(read(GERMAN));
    expect(brief(reading)).toEqual([
      ['2026314000001/1', `order-${ORDER}`, 'BOOKED', -4_000n, '2026-11-10'],
      ['2026314000001/2', '2026314000001/2', 'BOOKED', -1_000n, '2026-11-10'],
      ['2026314000001/rest', '2026314000001/rest', 'BOOKED', -25n, '2026-11-10'],
      ['2026314000002', `order-${ORDER}`, 'RETURNED', 1_100n, '2026-11-10'],
    ]);
    expect(reading.lines.map(({ line }) => line)).toEqual([15, 17, 10, 20]);
    expect(reading.state).toEqual({ open: [], statement: null, account: 'DE02120300000000202051', opening: '10000', closing: '6075' });
    expect(isWhole(reading.state)).toBe(true);
    expect(JSON.stringify(reading.state)).not.toContain('Ada');
  });

  it.each<[string, string, unknown[]]>([
    ['its own number where the bank gives no reference', entry({ ref: '<NtryRef>7</NtryRef>' }), [['EUR/S1/7', 'EUR/S1/7', 'BOOKED', -1_000n, '2026-11-10']]],
    ['the transaction\'s reference', entry({ ref: '', more: details('<Refs><AcctSvcrRef>T1</AcctSvcrRef></Refs>') }), [['T1', 'T1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['a name as EndToEndId', entry({ more: details('<Refs><EndToEndId>Rent of Ada</EndToEndId></Refs>') }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['another system\'s EndToEndId', entry({ more: details('<Refs><EndToEndId>INV-77</EndToEndId></Refs>') }), [['A1', 'INV-77', 'BOOKED', -1_000n, '2026-11-10']]],
    ['our whole key', entry({ more: details(`<Refs><EndToEndId>order-${ORDER}</EndToEndId></Refs>`) }), [['A1', `order-${ORDER}`, 'BOOKED', -1_000n, '2026-11-10']]],
    ['a reversal', entry({ side: 'CRDT', more: '<RvslInd>true</RvslInd>' }), [['A1', 'A1', 'RETURNED', 1_000n, '2026-11-10']]],
    ['a returned transfer by its code', entry({ side: 'CRDT', more: '<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd>' }),
      [['A1', 'A1', 'RETURNED', 1_000n, '2026-11-10']]],
    ['five digits, of which three are zeros', entry({ amount: '10.50000' }), [['A1', 'A1', 'BOOKED', -1_050n, '2026-11-10']]],
    ['the day of value where there is no other', entry({ day: '<ValDt><Dt>2026-11-12</Dt></ValDt>' }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-12']]],
    ['each side of a batch', entry({ more: details('<Refs><AcctSvcrRef>T1</AcctSvcrRef></Refs><Amt Ccy="EUR">12.00</Amt>',
      '<Refs><AcctSvcrRef>T2</AcctSvcrRef></Refs><Amt Ccy="EUR">2.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>') }),
      [['T1', 'T1', 'BOOKED', -1_200n, '2026-11-10'], ['T2', 'T2', 'BOOKED', 200n, '2026-11-10']]],
    ['a batch whose references are all the same', entry({ more: details('<Refs><AcctSvcrRef>A1</AcctSvcrRef></Refs><Amt Ccy="EUR">9.00</Amt>', '<Refs><AcctSvcrRef>A1</AcctSvcrRef></Refs><Amt Ccy="EUR">1.00</Amt>') }),
      [['A1/1', 'A1/1', 'BOOKED', -900n, '2026-11-10'], ['A1/2', 'A1/2', 'BOOKED', -100n, '2026-11-10']]],
    ['a batch without amounts, as one', entry({ more: details('<Refs><EndToEndId>X</EndToEndId></Refs>', '<Amt Ccy="EUR">1.00</Amt>') }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['a batch of another currency, as one', entry({ more: details('<Amt Ccy="USD">9.00</Amt>', '<Amt Ccy="USD">1.00</Amt>') }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['our key in capitals', entry({ more: details(`<Refs><EndToEndId>${ORDER.toUpperCase()}</EndToEndId></Refs>`) }), [['A1', `order-${ORDER}`, 'BOOKED', -1_000n, '2026-11-10']]],
    ['a key with one sign more as another system\'s', entry({ more: details(`<Refs><EndToEndId>${ORDER}0</EndToEndId></Refs>`) }), [['A1', `${ORDER}0`, 'BOOKED', -1_000n, '2026-11-10']]],
    ['a key within another text as that', entry({ more: details(`<Refs><EndToEndId>x${ORDER}</EndToEndId></Refs>`) }), [['A1', `x${ORDER}`, 'BOOKED', -1_000n, '2026-11-10']]],
    ['an EndToEndId that says nothing', entry({ more: details('<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>') }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['the transaction\'s reference where that of the entry says nothing', entry({ ref: '<AcctSvcrRef>NOTPROVIDED</AcctSvcrRef>', more: details('<Refs><AcctSvcrRef> T1 </AcctSvcrRef></Refs>') }),
      [['T1', 'T1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['its number where the transaction\'s reference says nothing', entry({ ref: '<NtryRef>7</NtryRef>', more: details('<Refs><AcctSvcrRef>NOTPROVIDED</AcctSvcrRef></Refs>') }),
      [['EUR/S1/7', 'EUR/S1/7', 'BOOKED', -1_000n, '2026-11-10']]],
    ['a reversal by a number', entry({ side: 'CRDT', more: '<RvslInd>1</RvslInd>' }), [['A1', 'A1', 'RETURNED', 1_000n, '2026-11-10']]],
    ['what is no reversal', entry({ side: 'CRDT', more: '<RvslInd>false</RvslInd>' }), [['A1', 'A1', 'BOOKED', 1_000n, '2026-11-10']]],
    ['a debit that came back unpaid', entry({ more: '<BkTxCd><Domn><Fmly><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd>' }), [['A1', 'A1', 'RETURNED', -1_000n, '2026-11-10']]],
    ['a transfer that came back unpaid', entry({ more: '<BkTxCd><Domn><Fmly><SubFmlyCd>UPCT</SubFmlyCd></Fmly></Domn></BkTxCd>' }), [['A1', 'A1', 'RETURNED', -1_000n, '2026-11-10']]],
    ['a code elsewhere for no return', entry({ more: '<BkTxCd><Prtry><Cd>RRTN</Cd></Prtry></BkTxCd>' }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['the status of either version', entry({ status: '<Sts>BOOK</Sts>' }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['an amount in whole units', entry({ amount: '10' }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['an amount that ends with its point', entry({ amount: ' 10. ' }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['an amount whose fraction is zeros', entry({ amount: '10.0000' }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['an amount of hundreds', entry({ amount: '100' }), [['A1', 'A1', 'BOOKED', -10_000n, '2026-11-10']]],
    ['an instant of booking rather than a day of value', entry({ day: '<ValDt><Dt>2026-11-12</Dt></ValDt><BookgDt><DtTm>2026-11-10T09:00:00</DtTm></BookgDt>' }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['an instant of value', entry({ day: '<ValDt><DtTm>2026-11-12T09:00:00</DtTm></ValDt>' }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-12']]],
    ['a transaction alone at the amount of its entry', entry({ more: details('<Amt Ccy="EUR">9.00</Amt>') }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['transactions of several details', entry({ more: `${details('<Amt Ccy="EUR">9.00</Amt>')}${details('<Amt Ccy="EUR">1.00</Amt>')}` }),
      [['A1/1', 'A1/1', 'BOOKED', -900n, '2026-11-10'], ['A1/2', 'A1/2', 'BOOKED', -100n, '2026-11-10']]],
    ['a batch of which one came back', entry({ side: 'CRDT', more: details('<Amt Ccy="EUR">9.00</Amt><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>', '<Amt Ccy="EUR">1.00</Amt>') }),
      [['A1/1', 'A1/1', 'RETURNED', 900n, '2026-11-10'], ['A1/2', 'A1/2', 'BOOKED', 100n, '2026-11-10']]],
    ['a batch that was reversed, and its charges', entry({ side: 'CRDT', more: `<RvslInd>true</RvslInd>${details('<Amt Ccy="EUR">7.00</Amt>', '<Amt Ccy="EUR">1.00</Amt>')}` }),
      [['A1/1', 'A1/1', 'RETURNED', 700n, '2026-11-10'], ['A1/2', 'A1/2', 'RETURNED', 100n, '2026-11-10'], ['A1/rest', 'A1/rest', 'BOOKED', 200n, '2026-11-10']]],
    ['a batch that was reversed and has no amounts', entry({ side: 'CRDT', more: `<RvslInd>true</RvslInd>${details('', '')}` }), [['A1', 'A1', 'RETURNED', 1_000n, '2026-11-10']]],
    ['a batch without amounts of which one came back, as one that is booked', entry({ more: details('<RtrInf/>', '') }), [['A1', 'A1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['a batch without what moves nothing', entry({ more: details('<Amt Ccy="EUR">10.00</Amt>', '<Amt Ccy="EUR">0.00</Amt>') }), [['A1/1', 'A1/1', 'BOOKED', -1_000n, '2026-11-10']]],
    ['a batch whose transactions cancel each other', entry({ amount: '0.00', more: details('<Amt Ccy="EUR">3.00</Amt>', '<Amt Ccy="EUR">3.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>') }),
      [['A1/1', 'A1/1', 'BOOKED', -300n, '2026-11-10'], ['A1/2', 'A1/2', 'BOOKED', 300n, '2026-11-10']]],
    ['nothing of a batch that moves nothing and has no amounts', entry({ amount: '0.00', more: details('', '') }), []],
    ['the side of the entry where that of a transaction is none', entry({ more: details('<Amt Ccy="EUR">9.00</Amt><CdtDbtInd>X</CdtDbtInd>', '<Amt Ccy="EUR">1.00</Amt>') }),
      [['A1/1', 'A1/1', 'BOOKED', -900n, '2026-11-10'], ['A1/2', 'A1/2', 'BOOKED', -100n, '2026-11-10']]],
    ['a name of 64', entry({ ref: `<AcctSvcrRef>${'a'.repeat(64)}</AcctSvcrRef>` }), [['a'.repeat(64), 'a'.repeat(64), 'BOOKED', -1_000n, '2026-11-10']]],
    ['nothing of what moves nothing', entry({ amount: '0.00' }), []], ['nothing of what is announced', entry({ status: '<Sts><Cd>INFO</Cd></Sts>' }), []],
  ])('takes %s', (_name, inner, expected) => {
    expect(brief(read(file(inner)))).toEqual(expected);
  });

  it.each<[string, string, string, number]>([
    ['another currency', entry({ currency: 'USD' }), 'Amt', 4], ['no number', entry({ amount: '1,00' }), 'Amt', 4], ['a negative one', entry({ amount: '-1.00' }), 'Amt', 4],
    ['a third digit', entry({ amount: '1.001' }), 'Amt', 4], ['no side', entry({ side: 'X' }), 'CdtDbtInd', 4], ['no day', entry({ day: '' }), 'BookgDt', 4],
    ['no such day', entry({ day: '<BookgDt><Dt>2026-02-30</Dt></BookgDt>' }), 'BookgDt', 4], ['no reference', entry({ ref: '' }), 'AcctSvcrRef', 4],
    ['a reference that says nothing', entry({ ref: '<AcctSvcrRef>NOTPROVIDED</AcctSvcrRef>' }), 'AcctSvcrRef', 4],
    ['a reference with blanks', `${entry()}\n${entry({ ref: '\n<AcctSvcrRef>A 1</AcctSvcrRef>' })}`, 'AcctSvcrRef', 6],
    ['an amount without its currency', entry().replace(' Ccy="EUR"', ''), 'Amt', 4], ['no amount', entry().replace(/<Amt.*<\/Amt>/, ''), 'Amt', 4],
    ['a wrong amount on a line of its own', entry({ amount: 'x' }).replace('<Amt', '\n<Amt'), 'Amt', 5],
    ['a number that is no name', entry({ ref: '<NtryRef>NOTPROVIDED</NtryRef>' }), 'AcctSvcrRef', 4],
    ['a name of 65', entry({ ref: `<AcctSvcrRef>${'a'.repeat(65)}</AcctSvcrRef>` }), 'AcctSvcrRef', 4],
    ['transactions whose names have blanks', entry({ more: details('<Refs><AcctSvcrRef>T 1</AcctSvcrRef></Refs><Amt Ccy="EUR">9.00</Amt>', '<Refs><AcctSvcrRef>T2</AcctSvcrRef></Refs><Amt Ccy="EUR">1.00</Amt>') }), 'AcctSvcrRef', 4],
    ['charges that no name is left for', entry({ ref: `<AcctSvcrRef>${'a'.repeat(62)}</AcctSvcrRef>`, more: details('<Amt Ccy="EUR">8.00</Amt>', '<Amt Ccy="EUR">1.00</Amt>') }), 'AcctSvcrRef', 4],
    ['a balance that is no number', balance('OPBD', 'x'), 'Amt', 4], ['a balance without side', balance('OPBD', '1', ''), 'CdtDbtInd', 4],
    ['balances that do not follow', `${balance('OPBD', '1.00')}${balance('CLBD', '2.00')}${entry()}`, 'Bal', 5],
    ['another account', '<Acct><Id><Othr><Id>2</Id></Othr></Id></Acct>', 'Acct', 4], ['no account', '<Acct><Id/></Acct>', 'Acct', 4],
    ['an account of another currency', '<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id>\n<Ccy>USD</Ccy></Acct>', 'Ccy', 5],
    ['text between entries', 'oops', 'xml', 5], ['another end', '</Ntry>', 'xml', 4], ['an entity of its own', '<AddtlStmtInf>&nbsp;</AddtlStmtInf>', 'xml', 4],
  ])('names %s by line and element', (_name, inner, column, line) => {
    expect(read(file(inner))).toEqual({ problem: { line, column } });
  });

  it('reads balances of either side and of pages', () => {
    expect(good(read(file(`${balance('OPBD', '10.00', 'DBIT')}${balance('CLBD', '20.00', 'DBIT')}${entry()}`))).state).toMatchObject({ opening: '-1000', closing: '-2000' });
    expect(good(read(file(`${balance('ITBD', '10.00')}${balance('ITBD', '0')}${balance('ITBD', '5')}${entry()}`))).state).toMatchObject({ opening: '1000', closing: '0' });
    expect(good(read(file(`${balance('CLAV', 'x')}${balance('OPBD', '1')}${balance('PRCD', '2')}`))).state).toMatchObject({ opening: '100', closing: null });
    expect(good(read(file(`${balance('PRCD', '1')}${balance('OPBD', '2')}`))).state).toMatchObject({ opening: '100', closing: null });
    // Interim balances hold where no other comes, whichever comes first.
    expect(good(read(file(`${balance('ITBD', '7')}${balance('OPBD', '1')}${balance('PRCD', '2')}${balance('ITBD', '8')}${balance('CLBD', '1')}`))).state).toMatchObject({ opening: '100', closing: '100' });
    expect(good(read(file(`${balance('CLBD', '1')}${balance('ITBD', '1')}${balance('ITBD', '8')}`))).state).toMatchObject({ opening: '100', closing: '100' });
    expect(good(read(file(balance('CLBD', '4')))).state).toMatchObject({ opening: null, closing: '400' });
  });

  it('takes no number of an entry for its name where its statement has none', () => {
    expect(read(file(entry({ ref: '<NtryRef>7</NtryRef>' })).replace('<Id>S1</Id>', ''))).toEqual({ problem: { line: 4, column: 'AcctSvcrRef' } });
  });

  // What attackers send to readers of XML: entities that grow, files of the machine, addresses inside.
  it.each([
    ['billion laughs', `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>${file('').slice(39)}`],
    ['a file of the machine', `<!DOCTYPE foo [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>${file('').slice(39)}`],
    ['a document type elsewhere', '<!DOCTYPE Document SYSTEM "http://192.0.2.1/camt.dtd"><Document/>'],
  ])('refuses %s', (_name, text) => {
    expect(read(text)).toMatchObject({ problem: { line: 1, column: 'doctype' } });
  });

  it.each([
    ['another message', file('').replaceAll('camt.053', 'camt.052'), 'namespace'], ['no namespace', '<Document><BkToCstmrStmt/></Document>', 'namespace'],
    ['another element', '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><Other/></Document>', 'Other'], ['no XML', 'booking_id,reference', 'xml'],
    ['half an entry', file(entry()).slice(0, -70), 'xml'],
  ])('refuses %s', (_name, text, column) => {
    expect(read(text)).toMatchObject({ problem: { column } });
  });

  it('reads a file in parts as it reads it whole, with the lines of the whole', () => {
    for (const text of [GERMAN, file([balance('OPBD', '10.00'), ...[1, 2, 3].map((n) => entry({ ref: `<AcctSvcrRef>A${n}</AcctSvcrRef>` })), ''].join('\n'))]) {
      const whole = good(read(text));
      const ends = [...text.matchAll(/<\/(?:ns2:)?(?:Ntry|Bal|Acct|Document)>\n?/g)].map((match) => match.index + match[0].length);
      let state: CamtState | null = null;
      const lines = [];
      let from = 0;
      for (const end of [...ends, text.length]) {
        const reading: Extract<CamtReading, { lines: unknown }> = good(read(text.slice(from, end), state, text.slice(0, from).split('\n').length));
        lines.push(...reading.lines);
        // It waits in a row of the database.
        state = JSON.parse(JSON.stringify(reading.state)) as CamtState;
        expect(isWhole(state)).toBe(end >= text.trimEnd().length);
        from = end;
      }
      expect(lines).toEqual(whole.lines);
      expect(state).toEqual(whole.state);
    }
  });

  it('reads the pages of a statement one after the other, and refuses a page that is missing', () => {
    const page = (number: number, balances: string) => file(`${balances}${entry({ ref: `<AcctSvcrRef>P${number}</AcctSvcrRef>` })}`);
    const first = good(read(page(1, `${balance('OPBD', '30.00')}${balance('ITBD', '20.00')}`)));
    const second = good(read(page(2, `${balance('ITBD', '20.00')}${balance('CLBD', '10.00')}`), first.state, 8));
    expect([...first.lines, ...second.lines].map(({ bookingId }) => bookingId)).toEqual(['P1', 'P2']);
    expect(second.state).toMatchObject({ opening: '3000', closing: '1000' });
    expect(read(page(3, `${balance('ITBD', '15.00')}${balance('CLBD', '5.00')}`), first.state, 8)).toEqual({ problem: { line: 12, column: 'Bal' } });
    expect(isWhole(null)).toBe(false);
  });

  const line = fc.record({ id: fc.uuid(), amount: fc.bigInt(-1_000_000_000_000n, 1_000_000_000_000n).filter((amount) => amount !== 0n), counterparty: fc.option(fc.string({ unit: anySign }), { nil: undefined }) });
  it('reads back what we write: each booking at its amount and day, and both balances', () => {
    const month = monthOf('2026-11')!;
    fc.assert(fc.property(fc.uniqueArray(line, { selector: ({ id }) => id, maxLength: 8 }), fc.bigInt(-1_000_000_000_000n, 1_000_000_000_000n), (rows, opening) => {
      const bookedAt = new Date('2026-11-10T12:00:00Z');
      let balanceAfter = opening;
      const lines = rows.map(({ id, amount, counterparty }, index) => {
        balanceAfter += amount;
        return { version: BigInt(index + 1), transactionId: id, kind: 'TRANSFER', amount, fee: 0n, balanceAfter, bookedAt, merchantId: null, counterparty, description: counterparty };
      });
      const summary = {
        walletId: '019a2b3c-4d5e-7f60-8123-456789abcdef', currency: EUR, month, opening, closing: balanceAfter, credits: 0n, debits: 0n, creditCount: 0, debitCount: 0,
        versions: { after: 0n, last: BigInt(rows.length) }, final: true,
      };
      const reading = good(read(statementCamt(summary, lines, bookedAt)));
      const plain = (id: string) => id.replaceAll('-', '');
      expect(brief(reading)).toEqual(lines.map(({ transactionId, amount }) => [plain(transactionId), plain(transactionId), 'BOOKED', amount, '2026-11-10']));
      expect(reading.state).toMatchObject({ opening: String(opening), closing: String(balanceAfter) });
    }));
  });
});
