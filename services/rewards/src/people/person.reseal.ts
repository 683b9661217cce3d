import { type OnFault, type ResealTask, sealedColumn } from '@tael/platform/reseal';
import type { Sealer } from '@tael/platform/seal';

/** What comes under the first of SEAL_KEYS, once it is another one. */
export function resealTasks(sealer: Sealer, onFault: OnFault = () => undefined): ResealTask[] {
  return [sealedColumn(sealer, { table: 'person', column: 'contact', key: 'id', owner: 'id' }, onFault)];
}
