import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { archiveSettings } from '../backup/archive.mjs';
import { banner } from './banner.mjs';
import { ensureCertificate } from './certificate.mjs';
import { chooseBus, ensureTopics } from './bus.mjs';
import { ensureDatabases, through, withoutPassword } from './databases.mjs';
import { checkDisk } from './disk.mjs';
import { isHeld, prepareFaults } from './faults.mjs';
import { removeData } from './fresh.mjs';
import { build, install } from './install.mjs';
import { kafkaPart, prepareBroker } from './kafka.mjs';
import { migrateAll } from './migrations.mjs';
import { checkPorts } from './ports.mjs';
import { postgresPart, prepareCluster } from './postgres.mjs';
import { RunLock } from './run-lock.mjs';
import { loadSecrets } from './secrets.mjs';
import { DATA_SERVICES, instancesOf, serviceParts, SERVICES } from './services.mjs';
import { ROOT } from './settings.mjs';
import { removeStackFiles, writeDemoFile, writeStackFile } from './stack-files.mjs';
import { Supervisor } from './supervisor.mjs';

/** A gateway is ready once accounts is, and accounts once the broker is, which takes its time on a busy machine. */
const SERVICE_START_MS = 180_000;

/** @typedef {(detail: string) => void} Say */

/** The whole platform on one machine: brought up step by step, kept running, taken down in reverse. */
export class Stack {
  /** @type {(problem: import('./problem.mjs').Problem) => void} */
  onGiveUp = () => undefined;
  #settings;
  #screen;
  #lock;
  #holdsLock = false;
  #interruption = new AbortController();
  /** @type {{ wiring: import('./services.mjs').Wiring, adminUrl: string } | undefined} */
  #known;
  #supervisor;

  /**
   * @param {import('./settings.mjs').Settings} settings
   * @param {import('./screen.mjs').Screen} screen
   */
  constructor(settings, screen) {
    this.#settings = settings;
    this.#screen = screen;
    this.#lock = new RunLock(settings.home);
    this.#supervisor = new Supervisor(
      {
        note: (text) => screen.note(text),
        giveUp: (problem) => this.onGiveUp(problem),
        changed: () => this.#record(),
      },
      { recoveredMs: settings.recoveredMs },
    );
  }

  /** Brings everything up, and resolves when the door is open. */
  async up() {
    const begun = performance.now();
    const { settings, secrets, version } = await this.#ready();
    const bus = await this.#step('Event bus', async (say) => {
      const choice = await chooseBus(settings, say);
      say(`${choice.kind}: ${choice.reason}`);
      return choice;
    });
    const postgres = this.#step('Postgres', (say) => this.#startPostgres(secrets, say));
    const kafka =
      bus.kind === 'kafka' && bus.embedded ? this.#step('Kafka', (say) => this.#startKafka(say)) : undefined;
    const wired = postgres.then(({ urls, ownerUrls }) => ({ settings, secrets, urls, ownerUrls, bus }));
    // These two need no bus: they come up while the broker does.
    const early = wired.then((wiring) => this.#startServices(['sandbox', 'gateway'], wiring));
    early.catch(() => undefined);
    const migrated = Promise.all([postgres, wired]).then(([{ isNew }, wiring]) => {
      const options = { version, isNew, signal: this.#interruption.signal };
      return this.#step('Migrations', (say) => migrateAll(wiring, { ...options, say }));
    });
    const topics = Promise.all([postgres, kafka]).then(([{ ownerUrls }]) =>
      this.#step('Topics', async (say) => {
        say(String(await ensureTopics(bus, ownerUrls.tael_bus)));
      }),
    );
    const [{ adminUrl }, wiring] = await Promise.all([postgres, wired, migrated, topics]);
    await this.#step('Services', async (say) => {
      await Promise.all([early, this.#startServices(DATA_SERVICES, wiring, say)]);
      say(SERVICES.join(', '));
    });
    this.#known = { wiring, adminUrl };
    this.#record();
    if (settings.seed) await this.#step('Demo data', (say) => this.#seed(wiring, say));
    writeDemoFile(wiring);
    this.#screen.note(banner({ settings, bus, tookMs: performance.now() - begun }));
  }

  /** Breaks off what is under way; {@link down} takes down what is there. */
  interrupt() {
    this.#interruption.abort();
  }

  /** Stops every part in order. */
  async down() {
    this.interrupt();
    if (!this.#holdsLock) return;
    this.#known = undefined;
    removeStackFiles(this.#settings.home);
    await this.#supervisor.stop();
    this.#lock.release();
  }

  /**
   * Kills every part at once: for somebody who will not wait.
   * @returns {number} an exit status
   */
  killAll() {
    for (const { pid } of Object.values(this.#supervisor.processes())) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    if (this.#holdsLock) this.#lock.release();
    return 130;
  }

  /**
   * All that comes before the first part is started.
   * @returns {Promise<{ settings: import('./settings.mjs').Settings, secrets: import('./secrets.mjs').Secrets, version: string }>}
   */
  async #ready() {
    const settings = this.#settings;
    const { home } = settings;
    this.#lock.take();
    this.#holdsLock = true;
    removeStackFiles(home);
    const left = await this.#lock.endLeftovers();
    if (left.length)
      this.#screen.note(`! an earlier start was killed; stopped what it had left running: ${left.join(', ')}`);
    await checkPorts(this.#portsNeeded());
    if (settings.fresh) removeData(settings);
    prepareFaults(settings);
    checkDisk(home, !fs.existsSync(path.join(ROOT, 'node_modules')));
    const work = { logs: path.join(home, 'logs'), signal: this.#interruption.signal };
    await this.#step('Install', (say) => install({ ...work, say }));
    const version = await this.#step('Build', (say) => build({ ...work, say }));
    ensureCertificate(home);
    return { settings, secrets: loadSecrets(home), version };
  }

  /** Keeps the files that name our processes true. */
  #record() {
    if (!this.#holdsLock) return;
    const processes = this.#supervisor.processes();
    this.#lock.record(processes);
    if (!this.#known) return;
    const pids = Object.fromEntries(Object.entries(processes).map(([name, { pid }]) => [name, pid]));
    writeStackFile(this.#known.wiring, { adminUrl: this.#known.adminUrl, pids });
  }

  /** @returns {Record<string, number>} */
  #portsNeeded() {
    const { ports, databaseUrl, kafkaBrokers, eventBus } = this.#settings;
    const { postgres, kafka, kafkaController, ...rest } = ports;
    const brokers = kafkaBrokers || eventBus === 'postgres' ? {} : { kafka, 'the Kafka controller': kafkaController };
    const others = SERVICES.flatMap((name) => instancesOf(name, this.#settings).slice(1));
    const more = Object.fromEntries(others.map(({ part, port }) => [part, port]));
    return { ...rest, ...more, ...(databaseUrl ? {} : { postgres }), ...brokers };
  }

  /**
   * @template Result
   * @param {string} title
   * @param {(say: Say) => Promise<Result>} work
   */
  #step(title, work) {
    this.#interruption.signal.throwIfAborted();
    return this.#screen.step(title, work);
  }

  /** @param {string} part */
  #log(part) {
    return path.join(this.#settings.home, 'logs', `${part}.log`);
  }

  /**
   * @param {import('./secrets.mjs').Secrets} secrets
   * @param {Say} say
   */
  async #startPostgres(secrets, say) {
    const { archive, databaseUrl, home, ports } = this.#settings;
    let adminUrl = databaseUrl;
    if (!adminUrl) {
      const cluster = prepareCluster({ home, port: ports.postgres, password: secrets.databasePasswords.postgres });
      const more = archive ? archiveSettings(archive, cluster) : {};
      await this.#supervisor.start(this.#holdable(postgresPart(cluster, { log: this.#log('postgres'), more })));
      adminUrl = cluster.url;
    }
    const { urls: direct, ownerUrls, ...done } = await ensureDatabases(adminUrl, secrets.databasePasswords);
    const urls = through(direct, this.#settings.via.postgres);
    const { created, handedOver } = done;
    const news = `${created ? `, ${created} databases made` : ''}${handedOver ? `, ${handedOver} given to their owners` : ''}`;
    say(`${withoutPassword(adminUrl)}${news}`);
    return { urls, ownerUrls, adminUrl, isNew: created + handedOver > 0 };
  }

  /** @param {Say} say */
  async #startKafka(say) {
    const { home, ports, via } = this.#settings;
    const broker = await prepareBroker({
      home,
      port: ports.kafka,
      controllerPort: ports.kafkaController,
      advertisedPort: via.kafka,
    });
    await this.#supervisor.start(this.#holdable(kafkaPart(broker, { log: this.#log('kafka') })));
    say(`127.0.0.1:${ports.kafka}`);
  }

  /** @param {import('./supervisor.mjs').PartSpec} part */
  #holdable(part) {
    return { ...part, held: () => isHeld(this.#settings.home, part.name) };
  }

  /**
   * @param {readonly import('./services.mjs').ServiceName[]} names
   * @param {import('./services.mjs').Wiring} wiring
   * @param {Say} [say]
   */
  async #startServices(names, wiring, say) {
    const waiting = new Set(names);
    await Promise.all(
      names.map(async (name) => {
        await Promise.all(serviceParts(name, wiring).map((part) => this.#supervisor.start(part, SERVICE_START_MS)));
        waiting.delete(name);
        say?.(`waiting for ${[...waiting].join(', ')}`);
      }),
    );
  }

  /**
   * @param {import('./services.mjs').Wiring} wiring
   * @param {Say} say
   */
  async #seed(wiring, say) {
    const { seed } = await import('../seed.mjs');
    await seed(wiring, { say, signal: this.#interruption.signal });
  }
}
