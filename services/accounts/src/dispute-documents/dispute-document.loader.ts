import type { Identity } from '@tael/platform/identity';
import DataLoader from 'dataloader';
import { viewerOf } from '../callers';
import type { DisputeDocument } from './dispute-document.rows.service';
import type { DisputeDocumentService } from './dispute-document.service';

export interface DisputeDocumentLoaders {
  /** The documents of a dispute, as the viewer sees them. */
  readonly disputeDocuments: DataLoader<string, readonly DisputeDocument[]>;
}

/** Makes the loaders of one request. They batch and do not remember: a mutation changes what was read before it. */
export function createDisputeDocumentLoaders(
  { disputeDocuments }: { readonly disputeDocuments: DisputeDocumentService }, identity: Identity,
): DisputeDocumentLoaders {
  const viewer = viewerOf(identity);
  return {
    disputeDocuments: new DataLoader(async (ids) => {
      const found = viewer ? await disputeDocuments.reader.ofDisputes(ids, viewer) : new Map<string, DisputeDocument[]>();
      return ids.map((id) => found.get(id) ?? []);
    }, { cache: false }),
  };
}
