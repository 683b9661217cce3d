import type { Admin, Kafka } from 'kafkajs';
import type { Bus, BusConsumer, BusGroup, BusMessage, ConsumerOptions, OutgoingMessage } from './bus.port';
import { withDeadline } from './deadline';
import { kafkaClient, type KafkaSettings } from './kafka.client';
import { KafkaConsumer } from './kafka.consumer';
import { listGroups, removeGroup } from './kafka.groups';
import { KafkaProducer } from './kafka.producer';
import { readTopic } from './kafka.reader';
import { rewindGroup } from './kafka.rewind';

const HEALTH_MS = 2_000;
const LEADERS_MS = 10_000;
const CLOSE_MS = 3_000;

/** The bus on Apache Kafka. */
export class KafkaBus implements Bus {
  readonly kind = 'kafka';
  private readonly client: Kafka;
  private readonly producer: KafkaProducer;
  private readonly consumers = new Set<KafkaConsumer>();
  private admin: Promise<Admin> | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly settings: KafkaSettings) {
    this.client = kafkaClient(settings, { requestTimeout: 5_000, retries: 3 });
    this.producer = new KafkaProducer(kafkaClient(settings, { requestTimeout: 2_500, retries: 1 }), settings.log);
  }

  async ensureTopics(topics: readonly { name: string; partitions: number }[]): Promise<void> {
    await this.withAdmin(async (admin) => {
      const existing = await existingOf(admin, topics.map((topic) => topic.name));
      const missing = topics.filter((topic) => !existing.includes(topic.name));
      if (missing.length === 0) return;
      // False where another process was faster; the leaders are waited for in either case.
      await admin.createTopics({
        waitForLeaders: false,
        timeout: 5_000,
        topics: missing.map((topic) => ({
          topic: topic.name,
          numPartitions: topic.partitions,
          replicationFactor: -1,
          // Events are kept: a new consumer begins at the oldest, and a dead letter must not expire unread. Who makes the
          // topics themselves decides for how long: a cluster keeps 30 days (infra/kubernetes/engines/topics.yaml).
          configEntries: [{ name: 'retention.ms', value: '-1' }],
        })),
      });
      await leadersOf(admin, missing.map((topic) => topic.name));
    });
  }

  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    return this.producer.send(messages);
  }

  async subscribe(options: ConsumerOptions): Promise<BusConsumer> {
    const consumer = new KafkaConsumer(this.client, options, this.settings.log);
    this.consumers.add(consumer);
    return consumer;
  }

  async rewind(group: string, topics: readonly string[]): Promise<void> {
    await this.withAdmin((admin) => rewindGroup(this.client, admin, { group, topics }));
  }

  async lag(group: string, topics: readonly string[]): Promise<bigint> {
    return this.withAdmin(async (admin) => {
      const existing = await existingOf(admin, topics);
      if (existing.length === 0) return 0n;
      const committed = await admin.fetchOffsets({ groupId: group, topics: existing });
      let lag = 0n;
      for (const { topic, partitions } of committed) {
        const next = new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
        for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
          const done = next.get(partition) ?? -1n;
          lag += BigInt(high) - (done < BigInt(low) ? BigInt(low) : done);
        }
      }
      return lag;
    });
  }

  groups(): Promise<BusGroup[]> {
    return this.withAdmin(listGroups);
  }

  removeGroup(group: string): Promise<void> {
    return this.withAdmin((admin) => removeGroup(admin, group));
  }

  async *read(topic: string, { since }: { since?: Date } = {}): AsyncIterable<BusMessage> {
    const admin = await this.connectedAdmin();
    const existing = await this.withAdmin(() => existingOf(admin, [topic]));
    if (existing.length > 0) yield* readTopic(this.client, admin, { topic, since });
  }

  async health(): Promise<{ ready: boolean; cause?: string }> {
    try {
      await withDeadline(this.withAdmin((admin) => admin.describeCluster()), HEALTH_MS, 'asking the broker');
      return { ready: true };
    } catch (error) {
      return { ready: false, cause: `the broker does not answer: ${(error as Error).message}` };
    }
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      await Promise.all([...this.consumers].map((consumer) => consumer.stop()));
      // A client that is still trying to reach a dead broker ends by itself soon after.
      await withDeadline(Promise.all([this.producer.close(), this.dropAdmin()]), CLOSE_MS, 'disconnecting').catch((error: unknown) => {
        this.settings.log.debug({ error }, 'the bus did not close cleanly');
      });
    })();
    return this.closing;
  }

  /** Runs `work` on a connected admin; after a fault the next caller gets a new one. */
  private async withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      return await work(await this.connectedAdmin());
    } catch (error) {
      void this.dropAdmin();
      throw error;
    }
  }

  private connectedAdmin(): Promise<Admin> {
    this.admin ??= (async () => {
      const admin = this.client.admin();
      await admin.connect();
      return admin;
    })();
    return this.admin;
  }

  private async dropAdmin(): Promise<void> {
    const dropped = this.admin;
    this.admin = undefined;
    try {
      await (await dropped)?.disconnect();
    } catch (error) {
      this.settings.log.debug({ error }, 'an admin connection did not end cleanly');
    }
  }
}

async function existingOf(admin: Admin, topics: readonly string[]): Promise<string[]> {
  const existing = new Set(await admin.listTopics());
  return topics.filter((topic) => existing.has(topic));
}

/** Waits for leaders. One that metadata names may not know of its office yet: only an answer of its own counts. */
async function leadersOf(admin: Admin, topics: readonly string[]): Promise<void> {
  const end = performance.now() + LEADERS_MS;
  for (const topic of topics) {
    while (!(await answers(admin, topic))) {
      if (performance.now() > end) throw new Error(`topic ${topic} has no leader after ${LEADERS_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function answers(admin: Admin, topic: string): Promise<boolean> {
  try {
    return (await admin.fetchTopicOffsets(topic)).length > 0;
  } catch (error) {
    if ((error as { retriable?: boolean }).retriable) return false;
    throw error;
  }
}
