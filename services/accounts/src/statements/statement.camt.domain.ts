import { formatAmount, type CurrencyCode } from '@tael/money';
import type { StatementLine, StatementSummary } from './statement.domain';

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08';
// What XML 1.0 cannot carry at all, not even escaped.
// eslint-disable-next-line no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' };

const xmlText = (text: string): string => text.replace(UNWRITABLE, '\ufffd').replace(/[&<>"\r]/g, (sign) => ESCAPES[sign]!);

/** The bounds of the standard's text types: Max140Text and the like count characters. */
const cut = (text: string, characters: number): string => [...text].slice(0, characters).join('');

const element = (name: string, content: string, attributes = ''): string => `<${name}${attributes}>${content}</${name}>`;

const amountOf = (minor: bigint, currency: CurrencyCode): string =>
  element('Amt', formatAmount(minor < 0n ? -minor : minor, currency), ` Ccy="${currency}"`);
const side = (minor: bigint): string => element('CdtDbtInd', minor < 0n ? 'DBIT' : 'CRDT');

/** ISO 20022's external code sets: family and sub-family of a payment (PMNT), by whether the money came in or went out. */
interface Codes {
  readonly in: string;
  readonly out: string;
  readonly sub: string;
}
const CODES: Readonly<Record<string, Codes>> = {
  TOP_UP: { in: 'RCDT', out: 'RCDT', sub: 'OTHR' },
  PAYMENT: { in: 'MCRD', out: 'MCRD', sub: 'POSP' },
  TRANSFER: { in: 'RCDT', out: 'ICDT', sub: 'BOOK' },
  WITHDRAWAL: { in: 'ICDT', out: 'ICDT', sub: 'OTHR' },
  REFUND: { in: 'MCRD', out: 'MCRD', sub: 'RIMB' },
};
const OTHER: Codes = { in: 'MCOP', out: 'MDOP', sub: 'OTHR' };

function codeOf({ kind, amount }: StatementLine): string {
  const { in: credit, out: debit, sub } = CODES[kind] ?? OTHER;
  const family = element('Fmly', element('Cd', amount < 0n ? debit : credit) + element('SubFmlyCd', sub));
  return element('BkTxCd', element('Domn', element('Cd', 'PMNT') + family) + element('Prtry', element('Cd', kind) + element('Issr', 'TAEL')));
}

function balance(code: 'OPBD' | 'CLBD', minor: bigint, at: { currency: CurrencyCode; instant: Date }): string {
  const type = element('Tp', element('CdOrPrtry', element('Cd', code)));
  return element('Bal', type + amountOf(minor, at.currency) + side(minor) + element('Dt', element('DtTm', at.instant.toISOString())));
}

function details(line: StatementLine): string {
  const references = element('Refs', element('AcctSvcrRef', plainId(line.transactionId)));
  const name = line.counterparty ? element('Nm', xmlText(cut(line.counterparty, 140))) : '';
  const role = line.amount < 0n ? 'Cdtr' : 'Dbtr';
  const parties = name ? element('RltdPties', element(role, element('Pty', name))) : '';
  const text = line.description ? element('RmtInf', element('Ustrd', xmlText(cut(line.description, 140)))) : '';
  return element('NtryDtls', element('TxDtls', references + parties + text));
}

function entry(line: StatementLine, currency: CurrencyCode): string {
  return element('Ntry', [
    element('NtryRef', line.version.toString()),
    amountOf(line.amount, currency),
    side(line.amount),
    element('Sts', element('Cd', 'BOOK')),
    element('BookgDt', element('DtTm', line.bookedAt.toISOString())),
    element('ValDt', element('DtTm', line.bookedAt.toISOString())),
    element('AcctSvcrRef', plainId(line.transactionId)),
    codeOf(line),
    details(line),
  ].join(''));
}

const ID_LENGTH_MAX = 35;
/** Identifiers of the standard have 35 characters at most; a UUID without its hyphens has 32. */
const plainId = (uuid: string): string => uuid.replaceAll('-', '');

function totals(summary: StatementSummary): string {
  const { currency, credits, debits, creditCount, debitCount } = summary;
  const plain = (minor: bigint) => element('Sum', formatAmount(minor, currency));
  return element('TxsSummry', [
    element('TtlNtries', element('NbOfNtries', String(creditCount + debitCount))),
    element('TtlCdtNtries', element('NbOfNtries', String(creditCount)) + plain(credits)),
    element('TtlDbtNtries', element('NbOfNtries', String(debitCount)) + plain(debits)),
  ].join(''));
}

/**
 * Writes a statement as camt.053.001.08 (ISO 20022, Bank to Customer Statement): booked balances, totals, and an entry for each
 * line, in the order of booking. Amounts are unsigned with CRDT or DBIT, as the standard has it.
 * @param createdAt when it is written
 */
export function statementCamt(summary: StatementSummary, lines: readonly StatementLine[], createdAt: Date): string {
  const { walletId, currency, month, opening, closing } = summary;
  // A settlement is named by its day and number, which is longer than a month.
  const id = `${plainId(walletId).slice(-Math.min(24, ID_LENGTH_MAX - 1 - month.name.length))}-${month.name}`;
  const header = element('GrpHdr', element('MsgId', id) + element('CreDtTm', createdAt.toISOString()));
  const period = element('FrToDt', element('FrDtTm', month.from.toISOString()) + element('ToDtTm', month.to.toISOString()));
  const account = element('Acct', element('Id', element('Othr', element('Id', plainId(walletId)))) + element('Ccy', currency));
  const statement = element('Stmt', [
    element('Id', id), element('CreDtTm', createdAt.toISOString()), period, account,
    balance('OPBD', opening, { currency, instant: month.from }),
    balance('CLBD', closing, { currency, instant: month.to }),
    totals(summary),
    ...lines.map((line) => entry(line, currency)),
  ].join(''));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('Document', element('BkToCstmrStmt', header + statement), ` xmlns="${NAMESPACE}"`)}\n`;
}
