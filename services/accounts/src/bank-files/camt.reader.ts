import type { CurrencyCode } from '@tael/money';
import { type QualifiedTag, SAXParser } from 'sax';
import type { FileLine } from '../reconciliations/bank-file.domain';
import { at, type CamtProblem, type CamtStatement, isProblem, readEntry, tiesOut, withBalance, type XmlElement } from './camt.domain';

/** What the next chunk has to know: which elements are open, the statement that goes on, and the account that the file is of. */
export interface CamtState {
  /** `Document`, `BkToCstmrStmt` and `Stmt` as far as they are open, each with the namespaces that it names. */
  readonly open: readonly { readonly name: string; readonly spaces: Readonly<Record<string, string>> }[];
  readonly statement: CamtStatement | null;
  readonly account: string | null;
  /** The first opening balance and the last closing balance of the statements that have ended. */
  readonly opening: string | null;
  readonly closing: string | null;
}

export type CamtReading = { readonly lines: readonly FileLine[]; readonly state: CamtState } | { readonly problem: CamtProblem };

const NAMESPACES = ['02', '08'].map((version) => `urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}`);
/** Elements that stay open from chunk to chunk; what is in a statement is whole in one. */
const FRAME = ['Document', 'BkToCstmrStmt', 'Stmt'];
const BEGINNING: CamtState = { open: [], statement: null, account: null, opening: null, closing: null };

class Unusable extends Error {
  constructor(readonly problem: CamtProblem) {
    super(`line ${problem.line}: ${problem.column}`);
  }
}

type Building = { -readonly [Key in keyof XmlElement]: XmlElement[Key] } & { children: Building[] };

/**
 * Reads a chunk of a camt.053 file (ISO 20022, version 02 or 08) as a stream: what is held is one entry and the elements around it. A chunk
 * ends between two elements of a statement, or where a document has ended; the next page of a statement may follow as another document. A
 * document type is refused, and of entities there are XML's own five alone: nothing is expanded, nothing is fetched.
 */
export function readCamt(text: string, { firstLine, currency, state }: { firstLine: number; currency: CurrencyCode; state: CamtState | null }): CamtReading {
  const reader = new CamtReader(firstLine, currency, state ?? BEGINNING);
  try {
    return reader.read(text);
  } catch (error) {
    if (error instanceof Unusable) return { problem: error.problem };
    throw error;
  }
}

/** Says whether a file has ended: no element is open, and there was one. */
export const isWhole = (state: CamtState | null): boolean => state !== null && state.open.length === 0;

class CamtReader {
  private readonly parser: SAXParser;
  private readonly lines: FileLine[] = [];
  private readonly open: { name: string; local: string; spaces: Record<string, string> }[] = [];
  private readonly tree: Building[] = [];
  private state: CamtState;
  private resuming = true;

  constructor(private readonly firstLine: number, private readonly currency: CurrencyCode, state: CamtState) {
    this.state = state;
    this.parser = new SAXParser(true, { xmlns: true, position: true, strictEntities: true } as never);
    this.parser.onerror = () => this.refuse('xml');
    this.parser.ondoctype = () => this.refuse('doctype');
    this.parser.onsgmldeclaration = () => this.refuse('doctype');
    this.parser.onopentag = (tag) => this.begin(tag as QualifiedTag);
    this.parser.onclosetag = () => this.end();
    this.parser.ontext = (text) => this.text(text);
    this.parser.oncdata = (text) => this.text(text);
  }

  read(text: string): CamtReading {
    if (text.trim() === '') return { lines: [], state: this.state };
    const attribute = ([name, uri]: [string, string]): string => ` ${name}="${uri.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')}"`;
    for (const { name, spaces } of this.state.open) this.parser.write(`<${name}${Object.entries(spaces).map(attribute).join('')}>`);
    this.resuming = false;
    this.parser.write(text);
    // What an element of a statement begins with and does not end would be lost.
    if (this.tree.length > 0 || !text.trimEnd().endsWith('>')) this.refuse('xml');
    if (this.open.length === 0) this.parser.close();
    return { lines: this.lines, state: { ...this.state, open: this.open.map(({ name, spaces }) => ({ name, spaces })) } };
  }

  private get line(): number {
    return this.firstLine + this.parser.line;
  }

  private refuse(column: string, line = this.line): never {
    throw new Unusable({ line, column });
  }

  private begin({ name, local, uri, attributes }: QualifiedTag): void {
    if (this.open.length < FRAME.length) return this.beginFrame({ name, local, uri, attributes });
    const element: Building = { name: local, line: this.line, currency: attributes['Ccy']?.value, text: '', children: [] };
    this.tree.at(-1)?.children.push(element);
    this.tree.push(element);
  }

  private beginFrame({ name, local, uri, attributes }: Pick<QualifiedTag, 'name' | 'local' | 'uri' | 'attributes'>): void {
    const isHeader = this.open.length === 2 && local === 'GrpHdr';
    if (this.tree.length > 0 || isHeader) {
      this.tree.push({ name: local, line: this.line, currency: undefined, text: '', children: [] });
      return;
    }
    if (!NAMESPACES.includes(uri)) this.refuse('namespace');
    if (local !== FRAME[this.open.length]) this.refuse(local);
    const spaces = Object.values(attributes).filter((one) => one.prefix === 'xmlns' || one.name === 'xmlns').map((one) => [one.name, one.value]);
    this.open.push({ name, local, spaces: Object.fromEntries(spaces) as Record<string, string> });
    if (local === 'Stmt' && !this.resuming) this.state = { ...this.state, statement: { id: '', opening: null, closing: null, moved: '0' } };
  }

  private end(): void {
    const element = this.tree.pop();
    if (element) {
      if (this.tree.length === 0 && this.open.length === FRAME.length) this.take(element);
      return;
    }
    if (this.open.pop()?.local === 'Stmt') this.endStatement();
  }

  private text(text: string): void {
    const element = this.tree.at(-1);
    if (element) element.text += text;
    else if (text.trim() !== '') this.refuse('xml');
  }

  /** Takes an element of a statement that has ended. */
  private take(element: XmlElement): void {
    const statement = this.state.statement!;
    if (element.name === 'Id') this.state = { ...this.state, statement: { ...statement, id: element.text.trim() } };
    if (element.name === 'Acct') this.takeAccount(element);
    if (element.name === 'Bal') this.state = { ...this.state, statement: this.good(withBalance(statement, element, this.currency)) };
    if (element.name !== 'Ntry') return;
    const lines = this.good(readEntry(element, statement.id, this.currency));
    this.lines.push(...lines);
    const moved = lines.reduce((total, { amount }) => total + amount, BigInt(statement.moved));
    this.state = { ...this.state, statement: { ...statement, moved: String(moved) } };
  }

  private good<Read extends object>(read: Read | CamtProblem): Read {
    if (isProblem(read)) this.refuse(read.column, read.line);
    return read as Read;
  }

  /** A file is of one account and one currency. */
  private takeAccount(element: XmlElement): void {
    const account = (at(element, 'Id', 'IBAN') ?? at(element, 'Id', 'Othr', 'Id'))?.text.trim() ?? '';
    if (account === '' || (this.state.account !== null && this.state.account !== account)) this.refuse('Acct', element.line);
    const currency = at(element, 'Ccy');
    if (currency && currency.text.trim() !== this.currency) this.refuse('Ccy', currency.line);
    this.state = { ...this.state, account };
  }

  /** A statement leads from balance to balance, and begins where the one before it has ended. */
  private endStatement(): void {
    const statement = this.state.statement!;
    const follows = this.state.closing === null || statement.opening === null || statement.opening === this.state.closing;
    if (!tiesOut(statement) || !follows) this.refuse('Bal');
    const opening = this.state.opening ?? statement.opening;
    this.state = { ...this.state, statement: null, opening, closing: statement.closing };
  }
}
