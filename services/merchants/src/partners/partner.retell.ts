import type { ResealTask } from '@tael/platform/reseal';
import type { Sealer } from '@tael/platform/seal';
import { toldUnderTask } from '../told-under';
import type { PartnerChanges } from './partner-changes.service';

/** The partners whose newest event has its name sealed under another key than the first: each is told of again. */
export function partnerResealTasks(sealer: Sealer, partners?: Pick<PartnerChanges, 'tellAgain'>): ResealTask[] {
  return [
    toldUnderTask(sealer, { table: 'partner', tellAgain: partners && ((tx, ids) => partners.tellAgain(tx, ids)) }),
  ];
}
