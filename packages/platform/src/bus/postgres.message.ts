import type { BusMessage } from './bus.port';

/** A row of the log, as the driver gives it: int8 as text or bigint, depending on the process. */
export interface MessageRow {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string | bigint;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly value: string;
}

export function messageOf(row: MessageRow): BusMessage {
  const { topic, partition, key, headers, value } = row;
  return { topic, partition, offset: BigInt(row.offset), key, headers, value };
}
