import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { certificateFiles, ensureCertificate } from './certificate.mjs';
import { checkJava, ensureJars, formatStorage, KafkaLacking, kafkaPart } from './kafka.mjs';
import { findBase } from './ports.mjs';
import { portsFrom, ROOT } from './settings.mjs';
import { Supervisor } from './supervisor.mjs';

// What the services are built of, not a copy of it.
const load = createRequire(path.join(ROOT, 'e2e', 'package.json'));
const { createBus, deadLetterTopic, listDeadLetters, replayDeadLetters } = load('@tael/platform/bus');
const { createLogger } = load('@tael/platform/log');
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, ResourcePatternTypes } = load('kafkajs');

/** Why there can be no broker here; where one is asked for, that is no excuse. */
async function lackOfKafka() {
  if (process.env['EVENT_BUS'] === 'postgres') return 'EVENT_BUS=postgres asks for no Kafka';
  try {
    checkJava();
    await ensureJars(() => undefined);
    return false;
  } catch (error) {
    if (!(error instanceof KafkaLacking) || process.env['EVENT_BUS'] === 'kafka') throw error;
    return error.message;
  }
}
const lack = await lackOfKafka();

const PASSWORD = 'the-password-of-all-of-them';

/** @typedef {{ resource: { type: 'topic' | 'group', name: string, patternType: 'literal' | 'prefix' }, operations: string[] }} Right */

/**
 * Who may do what in a cluster.
 * @type {{ name: string, rights: Right[] }[]}
 */
const USERS = parseAllDocuments(fs.readFileSync(path.join(ROOT, 'infra', 'kubernetes', 'engines', 'users.yaml'), 'utf8'))
  .map((document) => document.toJS())
  .map(({ metadata, spec }) => ({ name: metadata.name, rights: spec.authorization.acls }));
/** Who reads and sends again what services could not work off. */
const OPERATOR = 'kafka-operator';
const SERVICES = USERS.filter(({ name }) => name !== OPERATOR);
const TOPICS = /** @type {string[]} */ (Object.values(load('@tael/events').TOPICS));

// A broker as a cluster has it: TLS, a name and a password for each service, and the rights of the manifests. The embedded one has none of it.
describe('V12.3.3, V13.2.1: Kafka that asks who one is', { timeout: 240_000, skip: lack }, () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-kafka-'));
  const supervisor = new Supervisor({ note: () => undefined, giveUp: () => undefined, changed: () => undefined });
  /** @type {number} */
  let securePort;
  /** @type {number} */
  let plainPort;
  /** @type {string} */
  let authorities;

  before(async () => {
    ensureCertificate(home);
    const { cert, key } = certificateFiles(home);
    authorities = fs.readFileSync(cert, 'utf8');
    const keystore = path.join(home, 'keystore.pem');
    fs.writeFileSync(keystore, `${fs.readFileSync(key, 'utf8')}${authorities}`);
    const ports = portsFrom(await findBase(portsFrom));
    [plainPort, securePort] = [ports.kafka, ports.smtp];
    const properties = path.join(home, 'server.properties');
    const settings = {
      'process.roles': 'broker,controller',
      'node.id': 1,
      'controller.quorum.voters': `1@127.0.0.1:${ports.kafkaController}`,
      listeners: `PLAINTEXT://127.0.0.1:${plainPort},SASL_SSL://127.0.0.1:${securePort},CONTROLLER://127.0.0.1:${ports.kafkaController}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${plainPort},SASL_SSL://localhost:${securePort}`,
      'controller.listener.names': 'CONTROLLER',
      'inter.broker.listener.name': 'PLAINTEXT',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': keystore,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // Whoever comes by the listener in clear: the broker itself, and this test where it makes topics and rights.
      'super.users': 'User:ANONYMOUS',
      'log.dirs': path.join(home, 'data'),
      'auto.create.topics.enable': false,
      'offsets.topic.replication.factor': 1,
      'offsets.topic.num.partitions': 1,
      'group.initial.rebalance.delay.ms': 0,
      'group.min.session.timeout.ms': 2_000,
    };
    fs.writeFileSync(properties, Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join(''));
    await formatStorage(properties, USERS.flatMap(({ name }) => ['--add-scram', `SCRAM-SHA-512=[name=${name},password=${PASSWORD}]`]));
    await supervisor.start(kafkaPart({ properties, port: plainPort }, { log: path.join(home, 'kafka.log') }), 90_000);
    await prepare();
  });
  after(async () => {
    await supervisor.stop();
    fs.rmSync(home, { recursive: true, force: true });
  });

  /** All topics, and the rights of everybody, as the operator of a cluster makes them. */
  async function prepare() {
    const admin = new Kafka({ brokers: [`127.0.0.1:${plainPort}`], logLevel: 0, retry: { retries: 20 } }).admin();
    await admin.connect();
    try {
      await admin.createTopics({ waitForLeaders: true, topics: TOPICS.map((topic) => ({ topic, numPartitions: 2 })) });
      const acl = USERS.flatMap(({ name, rights }) =>
        rights.flatMap(({ resource, operations }) =>
          operations.map((operation) => ({
            resourceType: { topic: AclResourceTypes.TOPIC, group: AclResourceTypes.GROUP }[resource.type],
            resourceName: resource.name,
            resourcePatternType: { literal: ResourcePatternTypes.LITERAL, prefix: ResourcePatternTypes.PREFIXED }[resource.patternType],
            operation: /** @type {any} */ (AclOperationTypes)[operation.toUpperCase()],
            principal: `User:${name}`,
            host: '*',
            permissionType: AclPermissionTypes.ALLOW,
          })),
        ),
      );
      await admin.createAcls({ acl });
    } finally {
      await admin.disconnect();
    }
  }

  const log = createLogger({ service: 'test', level: 'silent' });
  /** @param {object} access @param {(bus: import('@tael/platform/bus').Bus) => Promise<unknown>} work */
  async function withBus(access, work, port = securePort) {
    const bus = createBus({ kind: 'kafka', brokers: [`localhost:${port}`], clientId: 'rewards', log, ...access });
    try {
      return await work(bus);
    } finally {
      await bus.close();
    }
  }
  /** @param {string} name @param {(admin: any) => Promise<void>} work */
  async function withAdmin(name, work) {
    const sasl = { mechanism: 'scram-sha-512', username: name, password: PASSWORD };
    const admin = new Kafka({ brokers: [`localhost:${securePort}`], ssl: { ca: [authorities] }, sasl, logLevel: 0, retry: { retries: 1 } }).admin();
    await admin.connect();
    await work(admin).finally(() => admin.disconnect());
  }
  const known = (name = 'kafka-rewards') => ({ tls: { authorities }, user: { name, password: PASSWORD } });
  /** Something for everybody to hear, by the listener that asks for nothing. @param {string} topic */
  const sentTo = (topic) => withBus({}, (bus) => bus.publish([event(topic)]), plainPort);
  /** @param {() => boolean | Promise<boolean>} holds @param {() => string} why */
  async function until(holds, why) {
    for (const end = performance.now() + 30_000; !(await holds()); await sleep(50)) assert.ok(performance.now() < end, why());
  }
  const event = (/** @type {string} */ topic) => ({ topic, key: 'k', headers: { ce_id: randomUUID() }, value: '{}' });

  /** An event of a topic that a group could not work off. @param {string} topic @param {string} group */
  const letter = (topic, group) => ({
    ...event(deadLetterTopic(topic, group)),
    headers: { ce_id: randomUUID(), dead_letter_topic: topic, dead_letter_partition: '0', dead_letter_offset: '0', dead_letter_cause: 'a test', dead_letter_attempts: '1' },
  });

  /** @param {{ rights: Right[] }} user @param {string} operation */
  const topicsOf = ({ rights }, operation) =>
    rights.filter(({ resource, operations }) => resource.type === 'topic' && operations.includes(operation)).map(({ resource }) => resource.name);
  /** @param {{ rights: Right[] }} user */
  const groupOf = ({ rights }) => rights.find(({ resource }) => resource.type === 'group')?.resource.name ?? '';

  for (const user of SERVICES) {
    it(`${user.name} does all that its service does, and is handed what others sent`, async () => {
      const [read, group] = [topicsOf(user, 'Read'), groupOf(user)];
      await withBus(known(user.name), async (bus) => {
        assert.deepEqual(await bus.health(), { ready: true });
        await bus.publish(topicsOf(user, 'Write').filter((topic) => TOPICS.includes(topic)).map(event));
        // As the inbox does before it joins.
        await bus.ensureTopics(read.map((topic) => ({ name: deadLetterTopic(topic, group), partitions: 1 })));
        await bus.publish(read.map((topic) => letter(topic, group)));
        for (const topic of read) await sentTo(topic);
        /** @type {Set<string>} */
        const handed = new Set();
        const onBatch = async (/** @type {readonly import('@tael/platform/bus').BusMessage[]} */ messages) => {
          for (const { topic } of messages) handed.add(topic);
        };
        await bus.subscribe({ group, topics: read, onBatch });
        await until(() => handed.size === read.length, () => `${user.name} was handed ${[...handed].join(', ')}`);
        await until(async () => (await bus.lag(group, read)) === 0n, () => `${user.name} has not said how far it is`);
      });
    });
  }

  // After those: each topic of dead letters is there now.
  for (const user of SERVICES) {
    it(`${user.name} neither writes, reads nor makes a topic that is not its own, and hears nothing as another`, async () => {
      const letters = SERVICES.flatMap((other) => topicsOf(other, 'Read').map((topic) => deadLetterTopic(topic, groupOf(other))));
      const [read, written] = [topicsOf(user, 'Read'), topicsOf(user, 'Write')];
      await withBus(known(user.name), async (bus) => {
        for (const topic of [...TOPICS, ...letters].filter((one) => !written.includes(one))) {
          await assert.rejects(bus.publish([event(topic)]), /not authorized/i, topic);
        }
        await assert.rejects(bus.ensureTopics([{ name: 'tael.made-up.v1', partitions: 1 }]), (/** @type {any} */ { errors }) => /not authorized/i.test(errors?.[0]?.message));
        // Its own group answers, so what fails for another's is the right to it.
        assert.equal(typeof (await bus.lag(groupOf(user), read)), 'bigint');
        const other = SERVICES.find((one) => one !== user) ?? user;
        await assert.rejects(bus.lag(groupOf(other), read), /not authorized|group coordinator/i);
      });
      // The bus shows what is hidden as if it were not there: here the broker itself is asked.
      await withAdmin(user.name, async (admin) => {
        for (const topic of [...TOPICS, ...letters].filter((one) => !read.includes(one) && !written.includes(one))) {
          await assert.rejects(admin.fetchTopicOffsets(topic), /not authorized/i, topic);
        }
        for (const topic of read) assert.ok((await admin.fetchTopicOffsets(topic)).length > 0);
      });
    });
  }

  it(`${OPERATOR} sees the groups and what they could not work off, and sends it again`, async () => {
    await withBus(known(OPERATOR), async (bus) => {
      const groups = (await bus.groups()).map(({ group }) => group);
      for (const user of SERVICES) {
        assert.ok(groups.includes(groupOf(user)), groups.join(', '));
        for (const topic of topicsOf(user, 'Read')) {
          assert.deepEqual((await listDeadLetters(bus, topic, groupOf(user))).map(({ open }) => open), [true], topic);
          assert.equal(await replayDeadLetters(bus, { topic, group: groupOf(user) }), 1);
          assert.deepEqual((await listDeadLetters(bus, topic, groupOf(user))).map(({ open }) => open), [false], topic);
        }
      }
    });
  });

  it('another password is refused, and why is said', async () => {
    const access = { ...known(), user: { name: 'kafka-rewards', password: 'another' } };
    const { ready, cause } = /** @type {any} */ (await withBus(access, (bus) => bus.health()));
    assert.equal(ready, false);
    assert.match(cause, /authentication/i);
  });

  it('a broker whose certificate nobody vouches for is told nothing', async () => {
    const { ready, cause } = /** @type {any} */ (await withBus({ ...known(), tls: {} }, (bus) => bus.health()));
    assert.equal(ready, false);
    assert.match(cause, /self-signed certificate/i);
  });

  it('nobody comes in in clear, or without a name', async () => {
    for (const access of [{}, { tls: { authorities } }]) {
      assert.equal(/** @type {any} */ (await withBus(access, (bus) => bus.health())).ready, false);
    }
  });
});
