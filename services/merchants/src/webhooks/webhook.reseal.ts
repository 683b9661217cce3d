import { type OnFault, type ResealTask, sealedColumn } from '@tael/platform/reseal';
import type { Sealer } from '@tael/platform/seal';

/** The private keys of endpoints come under the first of SEAL_KEYS, once it is another one. */
export function webhookResealTasks(sealer: Sealer, onFault: OnFault = () => undefined): ResealTask[] {
  return [sealedColumn(sealer, { table: 'webhook_key', column: 'privateKey', key: 'id', owner: 'endpointId' }, onFault)];
}
