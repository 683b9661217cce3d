import type { CurrencyCode } from '@tael/money';
import { type Outcome, refuse } from '../outcomes/outcome.domain';

/**
 * UPLOADING takes chunks; CHECKING is the dry run; CHECKED waits for the bank's word, REFUSED tells what is wrong; APPLYING
 * writes the books; DONE and DISCARDED are ends.
 */
export type ImportStatus = 'UPLOADING' | 'CHECKING' | 'CHECKED' | 'REFUSED' | 'APPLYING' | 'DONE' | 'DISCARDED';

export type Step = 'ADD' | 'CHECK' | 'APPLY' | 'DISCARD';

const FROM: Readonly<Record<Step, readonly ImportStatus[]>> = {
  ADD: ['UPLOADING'],
  CHECK: ['UPLOADING'],
  APPLY: ['CHECKED'],
  DISCARD: ['UPLOADING', 'CHECKED', 'REFUSED'],
};

/** Where a step leads from a status: the status after it, undefined where it cannot be taken, the same where it was taken before. */
export function stepFrom(status: ImportStatus, step: Step): ImportStatus | undefined {
  const to: Readonly<Record<Step, ImportStatus>> = { ADD: 'UPLOADING', CHECK: 'CHECKING', APPLY: 'APPLYING', DISCARD: 'DISCARDED' };
  if (FROM[step].includes(status)) return to[step];
  const taken: Readonly<Record<Step, readonly ImportStatus[]>> = {
    ADD: [], CHECK: ['CHECKING', 'CHECKED', 'REFUSED'], APPLY: ['APPLYING', 'DONE'], DISCARD: ['DISCARDED'],
  };
  return taken[step].includes(status) ? status : undefined;
}

/** What a bank may have of imports: uploads that are open at once, and of each lines of its file and chunks. */
export const OPEN_MAX = 3;
export const LINES_MAX = 5_000_000;
export const CHUNKS_MAX = 50_000;

/** Days without a word from the bank after which an import that was begun, or tried, is given up. */
export const SILENT_DAYS = 30;

/** Refuses one open upload more than a bank may have. */
export const mayOpen = (open: number): Outcome<object> =>
  open >= OPEN_MAX ? refuse('LIMIT_EXCEEDED', ['input', 'reference'], 'HISTORY_IMPORTS') : { ok: true };

/** Refuses a chunk that would make more of an import than there may be. `nextLine` is the first line of the chunk. */
export function mayTake({ nextChunk, nextLine }: Pick<HistoryImport, 'nextChunk'> & { readonly nextLine: number }, lines: number): Outcome<object> {
  if (nextChunk >= CHUNKS_MAX) return refuse('LIMIT_EXCEEDED', ['input', 'number'], 'HISTORY_CHUNKS');
  return nextLine - 1 + lines > LINES_MAX ? refuse('LIMIT_EXCEEDED', ['input', 'csv'], 'HISTORY_LINES') : { ok: true };
}

/** Tries that fail one after another until an import is taken back. */
const FAULTS_UNTIL_UNDONE = 6;
/** The same where the last of them ran out of time, some hours: a database that is slow for minutes takes no sound history back. */
const TIMEOUTS_UNTIL_UNDONE = 30;

/** Says whether an import that failed so often in a row is taken back. */
export const isGivenUp = (faults: number, { inTime }: { readonly inTime: boolean }): boolean =>
  faults >= (inTime ? FAULTS_UNTIL_UNDONE : TIMEOUTS_UNTIL_UNDONE);

/** How long an import rests after so many faults, in milliseconds: 1, 2, 4 … seconds, ten minutes at most. */
export const pauseAfter = (faults: number): number => Math.min(1_000 * 2 ** Math.min(faults - 1, 20), 600_000);

/** An import as its bank sees it. */
export interface HistoryImport {
  readonly id: string;
  readonly partnerId: string;
  readonly reference: string;
  readonly currency: CurrencyCode;
  readonly status: ImportStatus;
  readonly nextChunk: number;
  readonly lineCount: number;
  readonly problemCount: number;
  readonly accountCount: number;
  readonly checkedAccounts: number;
  /** Accounts that the history takes below zero; known once it was checked. */
  readonly overdrawnAccounts: number;
  readonly appliedLines: number;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}
