import { type OnFault, type ResealTask, sealedColumn } from '@tael/platform/reseal';
import type { Sealer } from '@tael/platform/seal';

/** What applicants say and send, and what they are told, comes under the first of SEAL_KEYS, once it is another one. */
export function onboardingResealTasks(sealer: Sealer, onFault: OnFault = () => undefined): ResealTask[] {
  return [
    sealedColumn(sealer, { table: 'merchant_application', column: 'details', key: 'id', owner: 'id' }, onFault),
    sealedColumn(sealer, { table: 'merchant_application', column: 'message', key: 'id', owner: 'id' }, onFault),
    sealedColumn(sealer, { table: 'merchant_document', column: 'message', key: 'id', owner: 'id' }, onFault),
    sealedColumn(sealer, { table: 'merchant_document_chunk', column: 'content', key: 'id', owner: 'documentId', rowsMax: 5 }, onFault),
  ];
}
