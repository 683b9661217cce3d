import { type ConnectionOf, type PageArgs, pageOf, toConnection } from '@tael/graphql';
import { uuidOf } from '../ids.domain';
import type { AuditEntryEntity } from './audit-entry.entity';
import type { AuditRecordType } from './audit-record.type';

/** Says whether a cursor's values are one id. */
export const isIdPosition = (position: readonly string[]): boolean => position.length === 1 && uuidOf(position[0]!) !== undefined;

const text = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

/** Gives a page of a trail, which `read` reads, for the API. */
export async function auditConnection(
  args: PageArgs, read: (page: { limit: number; after: string | undefined }) => Promise<AuditEntryEntity[]>,
): Promise<ConnectionOf<AuditRecordType>> {
  const page = pageOf(args, isIdPosition);
  const rows = await read({ limit: page.limit + 1, after: page.after?.[0] });
  return toConnection(rows, page, {
    node: ({ id, at, actorId, action, before, after, reason }) => ({ id, at, actorId, action, before: text(before), after: text(after), reason }),
    position: (row) => [row.id],
  });
}
