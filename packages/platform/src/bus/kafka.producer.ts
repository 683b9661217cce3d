import { type Kafka, Partitioners, type Producer, type TopicMessages } from 'kafkajs';
import type { Logger } from '../log';
import type { OutgoingMessage } from './bus.port';
import { withDeadline } from './deadline';

// A send against a dead broker must reject within five seconds, so that its caller decides what to do.
const SEND_DEADLINE_MS = 4_500;
// Well below the 1 MiB that a broker takes for one batch of one partition.
const CHUNK_BYTES = 512 * 1024;
const CHUNK_MESSAGES = 2_000;

/**
 * An idempotent producer that sends one thing at a time. After any error it is thrown away: a kafkajs producer that has
 * lost count of its sequence numbers does not recover by itself.
 */
export class KafkaProducer {
  private producer: Promise<Producer> | undefined;
  private tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: Kafka, private readonly log: Logger) {}

  /** Sends after everything that was given before. The order of one key holds over all calls. */
  send(messages: readonly OutgoingMessage[]): Promise<void> {
    const sent = this.tail.then(async () => {
      for (const chunk of chunksOf(messages)) await this.sendChunk(chunk);
    });
    this.tail = sent.catch(() => undefined);
    return sent;
  }

  async close(): Promise<void> {
    await this.tail;
    await this.drop();
  }

  private async sendChunk(messages: readonly OutgoingMessage[]): Promise<void> {
    try {
      await withDeadline(this.sendNow(messages), SEND_DEADLINE_MS, 'sending to Kafka');
    } catch (error) {
      void this.drop();
      throw error;
    }
  }

  private async sendNow(messages: readonly OutgoingMessage[]): Promise<void> {
    const producer = await (this.producer ??= this.connect());
    await producer.sendBatch({ acks: -1, timeout: 3_000, topicMessages: byTopic(messages) });
  }

  private async connect(): Promise<Producer> {
    const producer = this.client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      metadataMaxAge: 60_000,
      retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 4 },
    });
    await producer.connect();
    return producer;
  }

  private async drop(): Promise<void> {
    const dropped = this.producer;
    this.producer = undefined;
    try {
      await (await dropped)?.disconnect();
    } catch (error) {
      this.log.debug({ error }, 'a producer did not disconnect cleanly');
    }
  }
}

function byTopic(messages: readonly OutgoingMessage[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const { topic, key, headers, value } of messages) {
    const entry = topics.get(topic) ?? { topic, messages: [] };
    entry.messages.push({ key, value, headers: { ...headers } });
    topics.set(topic, entry);
  }
  return [...topics.values()];
}

function chunksOf(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const chunks: OutgoingMessage[][] = [];
  let bytes = Infinity;
  for (const message of messages) {
    const size = Buffer.byteLength(message.value) + 1_000;
    if (bytes + size > CHUNK_BYTES || chunks.at(-1)!.length >= CHUNK_MESSAGES) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)!.push(message);
    bytes += size;
  }
  return chunks;
}
