import { z } from 'zod';
import type { NoticeType } from './charge-notice.domain';

/** What a notice says, as far as anybody here believes it: which charge to ask about. */
export interface ChargeNotice {
  readonly id: string;
  readonly type: NoticeType;
  readonly key: string;
}

const TYPES: ReadonlySet<string> = new Set<NoticeType>(['charge.succeeded', 'charge.failed', 'charge.disputed', 'charge.refunded']);
const anything = z.looseObject({ type: z.string().min(1).max(100) });
const ofCharge = z.looseObject({ data: z.looseObject({ key: z.string().min(1).max(255) }) });
const ID = /^[\w.:-]{1,200}$/;

/** Reads a notice: `foreign` where it is of a kind that nobody here works off, undefined where it is none. */
export function readNotice(id: string, body: string): ChargeNotice | 'foreign' | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return undefined;
  }
  const named = anything.safeParse(json);
  if (!ID.test(id) || !named.success) return undefined;
  const { type } = named.data;
  if (!TYPES.has(type)) return 'foreign';
  const told = ofCharge.safeParse(json);
  return told.success ? { id, type: type as NoticeType, key: told.data.data.key } : undefined;
}
