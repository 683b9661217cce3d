import { randomBytes } from 'node:crypto';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** So much chance is fetched at once: each fetch is a call into the system's, dearer than all else here. Ids are no secrets. */
const POOL_BYTES = 4_096;
let pool = Buffer.alloc(0);
let used = 0;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

/** Gives a W3C traceparent that continues `parent` where it is a valid one, else begins a new trace. */
export function traceparent(parent?: string): string {
  const trace = parent && TRACEPARENT.exec(parent)?.[1];
  return `00-${trace || randomHex(16)}-${randomHex(8)}-01`;
}

/** Gives the trace id of a traceparent, or undefined where it is none. It is the reference that a masked error shows. */
export function traceId(parent: string | undefined): string | undefined {
  return parent ? TRACEPARENT.exec(parent)?.[1] : undefined;
}

/** Gives the two ids of a traceparent, or undefined where it is none. */
export function idsOf(parent: string | undefined): { traceId: string; spanId: string } | undefined {
  const found = parent ? TRACEPARENT.exec(parent) : null;
  return found ? { traceId: found[1]!, spanId: found[2]! } : undefined;
}
