import fs from 'node:fs';
import path from 'node:path';
import { chooseBus } from '../stack/bus.mjs';
import { removeData } from '../stack/fresh.mjs';
import { kafkaPart, prepareBroker } from '../stack/kafka.mjs';
import { findBase } from '../stack/ports.mjs';
import { postgresPart, prepareCluster } from '../stack/postgres.mjs';
import { RunLock } from '../stack/run-lock.mjs';
import { loadSecrets } from '../stack/secrets.mjs';
import { portsFrom, readSettings } from '../stack/settings.mjs';
import { Supervisor } from '../stack/supervisor.mjs';

/** A Postgres and, where it can be had, a Kafka for the integration tests; both begin empty. */
export class TestServers {
  #home;
  #lock;
  #supervisor;

  /**
   * @param {string} home
   * @param {(text: string) => void} note
   */
  constructor(home, note) {
    this.#home = home;
    this.#lock = new RunLock(home);
    this.#supervisor = new Supervisor({
      note,
      giveUp: (problem) => note(problem.message),
      changed: () => this.#lock.record(this.#supervisor.processes()),
    });
  }

  /**
   * @param {NodeJS.ProcessEnv} env of the caller
   * @returns {Promise<{ env: Record<string, string>, kafka: string | null, reason: string }>} what tests must know
   */
  async start(env) {
    fs.mkdirSync(this.#home, { recursive: true });
    this.#lock.take();
    await this.#lock.endLeftovers();
    const base = await findBase(portsFrom);
    const settings = {
      ...readSettings([], { TAEL_HOME: this.#home, TAEL_PORT: String(base) }),
      eventBus: /** @type {'kafka' | undefined} */ (env['EVENT_BUS'] === 'kafka' ? 'kafka' : undefined),
    };
    removeData(settings);
    const { ports } = settings;
    const password = loadSecrets(this.#home).databasePasswords.postgres;
    const cluster = prepareCluster({ home: this.#home, port: ports.postgres, password });
    const bus = await chooseBus(settings, () => undefined);
    const starts = [this.#supervisor.start(postgresPart(cluster, { log: this.#log('postgres') }))];
    if (bus.kind === 'kafka') {
      const broker = await prepareBroker({
        home: this.#home,
        port: ports.kafka,
        controllerPort: ports.kafkaController,
      });
      starts.push(this.#supervisor.start(kafkaPart(broker, { log: this.#log('kafka') })));
    }
    await Promise.all(starts);
    const brokers = bus.kind === 'kafka' ? { TAEL_TEST_KAFKA_BROKERS: bus.brokers } : {};
    return {
      env: { TAEL_TEST_DATABASE_URL: cluster.url, ...brokers, KAFKAJS_NO_PARTITIONER_WARNING: '1' },
      kafka: bus.kind === 'kafka' ? bus.brokers : null,
      reason: bus.reason,
    };
  }

  async stop() {
    await this.#supervisor.stop();
    this.#lock.release();
  }

  /** @param {string} part */
  #log(part) {
    return path.join(this.#home, 'logs', `${part}.log`);
  }
}
