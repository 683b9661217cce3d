/** A message as a sender gives it: `key` decides the partition, and with it the order. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly key: string;
  /** Small text headers: the CloudEvents attributes. */
  readonly headers: Readonly<Record<string, string>>;
  /** The payload, JSON text. */
  readonly value: string;
}

export interface BusMessage extends OutgoingMessage {
  readonly partition: number;
  /** Position in the partition: grows, with gaps. */
  readonly offset: bigint;
}

/** A message at a consumer, with how often this process has tried it (from 1). */
export interface DeliveredMessage extends BusMessage {
  readonly attempt: number;
}

export interface ConsumerOptions {
  /** Consumers with one group share the partitions; each group gets every message at least once. */
  readonly group: string;
  readonly topics: readonly string[];
  /**
   * Works off messages of one partition, in order. Resolves: the offsets of all of them are committed. Rejects: the same
   * messages are delivered again after a pause. It never needs to be called for two batches of one partition at once.
   */
  readonly onBatch: (messages: readonly BusMessage[]) => Promise<void>;
  /** The most messages of one call, 500 unless told. */
  readonly batchSizeMax?: number;
  /** About how many bytes of messages may be in memory, where more is fetched than is worked off: 32 MiB unless told. */
  readonly waitingBytesMax?: number;
}

export interface BusConsumer {
  /** Says whether the consumer is joined and fetching; the reason where it is not. */
  health(): { ready: boolean; cause?: string };
  /** Finishes the running batch, commits and leaves the group. */
  stop(): Promise<void>;
}

/** A consumer group that the bus remembers, whether or not anybody of it is there. */
export interface BusGroup {
  readonly group: string;
  readonly topics: readonly string[];
  /** How many members are joined now. */
  readonly members: number;
  /** How many messages of its topics it has not worked off. */
  readonly lag: bigint;
}

/**
 * Carries events between services: ordered by key, at least once, kept and readable again from offset 0.
 * Two adapters behind it, Kafka and Postgres, under one contract suite.
 */
export interface Bus {
  readonly kind: 'kafka' | 'postgres';
  /** Creates the topics that are missing, each with `partitions` partitions; existing ones stay as they are. */
  ensureTopics(topics: readonly { name: string; partitions: number }[]): Promise<void>;
  /** Appends all messages durably; resolves when every one is acknowledged. On rejection some may stand: send again. */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Joins a group. A new group begins at the oldest message. */
  subscribe(options: ConsumerOptions): Promise<BusConsumer>;
  /** Sets the committed offsets of a stopped group back to the oldest message of each partition. */
  rewind(group: string, topics: readonly string[]): Promise<void>;
  /** How many messages of the topics the group has not worked off. */
  lag(group: string, topics: readonly string[]): Promise<bigint>;
  /** Every group that the bus remembers: on the Postgres bus each keeps what it has not worked off from being forgotten. */
  groups(): Promise<BusGroup[]>;
  /** Forgets a group without members. Where one of the name joins later, it begins at the oldest message. */
  removeGroup(group: string): Promise<void>;
  /**
   * Reads a topic to its present end without a group: for dead letters, debugging and tests. It begins at the oldest message,
   * or with `since` at the first of each partition that was published then or later.
   */
  read(topic: string, options?: { readonly since?: Date }): AsyncIterable<BusMessage>;
  health(): Promise<{ ready: boolean; cause?: string }>;
  close(): Promise<void>;
}
