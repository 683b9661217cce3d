import type { ResealTask } from '@tael/platform/reseal';
import type { Sealer } from '@tael/platform/seal';
import { toldUnderTask } from '../told-under';
import type { MerchantService } from './merchant.service';

/** The merchants whose newest event has its name sealed under another key than the first: each is told of again. */
export function resealTasks(sealer: Sealer, merchants?: Pick<MerchantService, 'tellAgain'>): ResealTask[] {
  return [
    toldUnderTask(sealer, { table: 'merchant', tellAgain: merchants && ((tx, ids) => merchants.tellAgain(tx, ids)) }),
  ];
}
