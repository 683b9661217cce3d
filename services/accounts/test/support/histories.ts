import { v7 as uuidv7 } from 'uuid';
import type { HistoryImport } from '../../src/history-imports/history-import.domain';
import { HistoryImportService } from '../../src/history-imports/history-import.service';
import { HistoryWorkService } from '../../src/history-imports/history-work.service';
import { PartnerAccountService } from '../../src/partner-accounts/partner-account.service';
import { type Bank, openBank } from './bank';

export const HEADER = 'date,account,kind,operation,purpose,amount,balance_after,counterparty_bank,counterparty_account,bank_ref\n';

export const file = (...lines: string[]): string => HEADER + lines.map((line) => `${line}\n`).join('');
export const row = (day: string, account: string, amount: number, balance: number): string =>
  `${day},${account},${amount < 0 ? 'debit' : 'credit'},cash,,${Math.abs(amount).toFixed(2)},${balance.toFixed(2)},,,`;

export interface Caller {
  readonly partnerId: string;
  readonly clientId: string;
}

export const caller = (): Caller => ({ partnerId: uuidv7(), clientId: uuidv7() });

export type Histories = Awaited<ReturnType<typeof openHistories>>;

/** A bank's books with what brings histories into them, and how a bank uses it. */
export async function openHistories(name: string) {
  const bank: Bank = await openBank(name);
  const parts = { dataSource: bank.dataSource, sealer: bank.sealer, now: () => new Date() };
  const imports = new HistoryImportService(parts);
  const worker = new HistoryWorkService(parts);
  const accounts = new PartnerAccountService(parts);

  const done = async (outcome: ReturnType<HistoryImportService['open']>): Promise<HistoryImport> => {
    const answer = await outcome;
    if (!answer.ok) throw new Error(JSON.stringify(answer.refusals));
    return answer.historyImport;
  };
  const toldOf = async ({ partnerId }: Caller): Promise<{ readonly partnerId: string; readonly status: string }[]> =>
    (await bank.events('history-import.ended')).map(({ data }) => data).filter((data) => data.partnerId === partnerId);
  const workOff = async (): Promise<void> => {
    while ((await worker.work()) > 0);
  };
  async function upload(who: Caller, text: string, size = 150_000): Promise<HistoryImport> {
    const { id } = await done(imports.open(who, { reference: uuidv7(), currency: 'CZK' }));
    for (const [number, chunk] of chunksOf(text, size).entries()) await done(imports.add(who, id, { number, text: chunk }));
    return done(imports.check(who, id));
  }
  async function bring(who: Caller, text: string): Promise<HistoryImport> {
    const { id } = await upload(who, text);
    await workOff();
    await done(imports.apply(who, { importId: id, allowOverdraft: true }));
    await workOff();
    return (await imports.read(who, id))!;
  }
  return { bank, imports, worker, accounts, done, toldOf, workOff, upload, bring };
}

/** A file in chunks of whole lines of about so many characters. */
function chunksOf(text: string, size: number): string[] {
  const chunks: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + size >= text.length ? text.length : text.lastIndexOf('\n', at + size) + 1;
    chunks.push(text.slice(at, end));
    at = end;
  }
  return chunks;
}
