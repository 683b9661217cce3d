import type { BusMessage } from './bus.port';

// So much of what was fetched is in memory at most, of all partitions together, besides one fetch of each: a container has 768 MiB.
const WAITING_BYTES_MAX = 32 * 2 ** 20;
/** What V8 needs for a message and for each of its headers, besides their texts: measured with events of ours, 1.5 KiB for eight headers. */
const MESSAGE_BYTES = 512;
const HEADER_BYTES = 128;

/** What a message takes up in memory, about. */
export function weightOf({ key, value, headers }: BusMessage): number {
  let bytes = MESSAGE_BYTES + key.length + value.length;
  for (const text of Object.values(headers)) bytes += HEADER_BYTES + text.length;
  return bytes;
}

/** The memory that a member of a group has for messages that wait or are being worked off: its lanes share it. */
export class Room {
  private taken = 0;

  constructor(private readonly most = WAITING_BYTES_MAX) {}

  get bytes(): number {
    return this.taken;
  }

  get isFull(): boolean {
    return this.taken >= this.most;
  }

  /** Says whether so much is free again that fetching may go on. */
  get isFreeAgain(): boolean {
    return this.taken <= this.most / 2;
  }

  take(bytes: number): void {
    this.taken += bytes;
  }

  give(bytes: number): void {
    this.taken -= bytes;
  }
}
