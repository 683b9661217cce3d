import { type ConnectionOf, type Page, toConnection } from '@tael/graphql';
import type { AuditEntryEntity } from './audit-entry.entity';
import type { AuditEntryType } from './audit-entry.type';

const text = (value: object | null): string | undefined => (value === null ? undefined : JSON.stringify(value));

/** Shows a page of a trail, of which one entry more was read than is shown. */
export function toTrail(rows: readonly AuditEntryEntity[], page: Page): ConnectionOf<AuditEntryType> {
  return toConnection(rows, page, {
    node: ({ before, after, ...row }) => ({ ...row, before: text(before), after: text(after) }),
    position: (row) => [row.id],
  });
}
