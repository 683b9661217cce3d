import { Lane } from './kafka.lane';
import { Room } from './kafka.room';

/** Partitions by topic, as a group gives them to a member. */
export type Assignment = Readonly<Record<string, readonly number[]>>;

/** A partition that stays with this member, and how far it is worked off. */
export interface Kept {
  readonly topic: string;
  readonly partition: number;
  readonly workedTo: bigint;
}

/** The lanes of the partitions that this member owns now. */
export class Lanes {
  private lanes = new Map<string, Lane>();
  /** Work of closed lanes that has not ended: a new lane of the same partition waits for it. */
  private readonly ending = new Map<string, Promise<void>>();
  private memberId: string | undefined;

  /** @param room the memory that all of them share */
  constructor(readonly room = new Room()) {}

  /**
   * Takes over an assignment. A member is in every generation of its group from joining to leaving, so nobody else had a
   * partition that it owned before and owns now: that lane goes on. All others are closed. A member under a new name was out
   * of the group, and others may have had everything.
   * @returns the partitions that stay and have come somewhere: their commits may have got lost with the old assignment
   */
  assign(memberId: string, assignment: Assignment): Kept[] {
    const before = memberId === this.memberId ? this.lanes : new Map<string, Lane>();
    if (before !== this.lanes) this.closeAll();
    this.memberId = memberId;
    this.lanes = new Map();
    const kept: Kept[] = [];
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const name = nameOf(topic, partition);
        const lane = before.get(name) ?? new Lane(this.ending.get(name), this.room);
        before.delete(name);
        lane.renew();
        this.lanes.set(name, lane);
        if (lane.workedTo !== undefined) kept.push({ topic, partition, workedTo: lane.workedTo });
      }
    }
    before.forEach((lane, name) => this.close(lane, name));
    return kept;
  }

  /** Ends all lanes: the member has left its group, or was left by it. */
  closeAll(): void {
    this.lanes.forEach((lane, name) => this.close(lane, name));
    this.lanes = new Map();
    this.memberId = undefined;
  }

  /** The lane of a partition, undefined where it is not this member's. */
  of(topic: string, partition: number): Lane | undefined {
    return this.lanes.get(nameOf(topic, partition));
  }

  /** Resolves when the batches that are under way have ended. */
  async idle(): Promise<void> {
    await Promise.all([...this.ending.values(), ...[...this.lanes.values()].map((lane) => lane.running ?? Promise.resolve())]);
  }

  private close(lane: Lane, name: string): void {
    lane.close();
    const { running } = lane;
    if (!running) return;
    this.ending.set(name, running);
    void running.then(() => this.ending.get(name) === running && this.ending.delete(name));
  }
}

const nameOf = (topic: string, partition: number): string => `${topic}/${partition}`;
