import { indexedColumn, type OnFault, type ResealTask, type SealedColumn, sealedColumn } from '@tael/platform/reseal';
import type { Sealer } from '@tael/platform/seal';
import { ENDPOINT_PURPOSE } from './channels/push-subscription.service';

/** Every column of notifications in which something stands sealed, but for codes in the facts of intents: they are over before a key can be retired. */
const SEALED: readonly SealedColumn[] = [
  { table: 'person', column: 'contact', key: 'id', owner: 'id' },
  { table: 'merchant', column: 'name', key: 'id', owner: 'id' },
  { table: 'push_subscription', column: 'target', key: 'id', owner: 'personId' },
  { table: 'unsubscribe_link', column: 'secret', key: 'personId', owner: 'personId' },
  { table: 'notification', column: 'content', key: 'id', owner: 'personId' },
];

const endpointOf = (target: string): string => (JSON.parse(target) as { endpoint: string }).endpoint;

/** What comes under the first of SEAL_KEYS, once it is another one. */
export function resealTasks(sealer: Sealer, onFault: OnFault = () => undefined): ResealTask[] {
  return [
    ...SEALED.map((column) => sealedColumn(sealer, column, onFault)),
    indexedColumn(
      sealer,
      {
        table: 'push_subscription', column: 'endpointIndex', keyIdColumn: 'endpointIndexKey', key: 'id', owner: 'personId',
        sealed: 'target', purpose: ENDPOINT_PURPOSE, valueOf: endpointOf,
      },
      onFault,
    ),
  ];
}
