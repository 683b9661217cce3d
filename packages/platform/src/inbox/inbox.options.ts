import type { DataSource } from 'typeorm';
import type { Bus, BusMessage } from '../bus';
import type { Logger } from '../log';
import type { Tx } from '../postgres';

interface CommonOptions {
  bus: Bus;
  dataSource: DataSource;
  log: Logger;
  /** The consumer group, and the name under which the inbox remembers: the service. */
  group: string;
  topics: readonly string[];
  /** Says of a message, by its headers, that nobody here wants it: it is passed over without a transaction. */
  passOver?: (message: BusMessage) => boolean;
  /**
   * Gives those of many messages that somebody here wants, by what it reads: the others are passed over without a transaction and without an
   * inbox row, so one that is delivered again is looked at again. Where it throws, all are wanted.
   */
  wantedOf?: (messages: readonly BusMessage[]) => Promise<readonly BusMessage[]>;
  /** How often an error is tried in all before the dead letters, 5 unless told. */
  attemptsMax?: number;
  /** The most messages of one transaction, 200 unless told: fewer where their locks must not be held for long. */
  batchSizeMax?: number;
  /**
   * Says of a message, by its headers, with which others it may share a transaction: with those of the same word. Undefined: with
   * none, since its locks could cross theirs. Everything may share with everything where this is left out.
   */
  together?: (message: BusMessage) => string | undefined;
  /** How long the inbox remembers, 30 days unless told: what comes again later must be harmless by itself. */
  inboxDays?: number;
}

/**
 * Works off one message in the given transaction: its effect and its inbox row commit together. Throws Poison for what
 * can never work (goes to the dead letters at once); any other error is tried again, then goes there too, unless the
 * database is away: then it waits.
 */
export type EventHandler = (tx: Tx, message: BusMessage) => Promise<void>;

/**
 * Works off many messages at once, to the same end as one after the other: within a partition they are in order, none
 * stands there twice. Where it throws, the messages come again in halves, until the guilty one stands alone.
 */
export type BatchHandler = (tx: Tx, messages: readonly BusMessage[]) => Promise<void>;

export type EventConsumerOptions = CommonOptions & (
  | { handle: EventHandler; handleBatch?: undefined }
  | { handleBatch: BatchHandler; handle?: undefined }
);
