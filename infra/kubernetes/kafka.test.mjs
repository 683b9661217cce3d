import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { consumersOf, topicsWrittenBy } from '../checks/consumers.mjs';
import { render } from '../checks/kustomize.mjs';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const SERVICES = ['accounts', 'merchants', 'rewards', 'notifications'];
const OPERATOR = 'kafka-operator';

/** @type {any[]} */
const objects = parseAllDocuments(await render(FOLDER)).map((document) => document.toJS());
/** @param {string} kind @param {string} name */
const object = (kind, name) => {
  const found = objects.filter((entry) => entry.kind === kind && entry.metadata.name === name);
  assert.equal(found.length, 1, `${found.length} of ${kind} ${name}`);
  return found[0];
};
const users = objects.filter(({ kind }) => kind === 'KafkaUser');
/** @type {{ user: string, resource: { type: string, name: string, patternType: string }, operations: string[] }[]} */
const rights = users.flatMap(({ metadata, spec }) => spec.authorization.acls.map((/** @type {any} */ acl) => ({ user: metadata.name, ...acl })));
/** @param {string} user @param {string} operation */
const topicsOf = (user, operation) =>
  rights.filter((right) => right.user === user && right.resource.type === 'topic' && right.operations.includes(operation)).map(({ resource }) => resource.name);

describe('V12.3.3, V13.2.1: Kafka in a cluster', () => {
  const { listeners, authorization } = object('Kafka', 'events').spec.kafka;

  it('hears nobody in clear or without a name', () => {
    for (const listener of listeners) assert.deepEqual([listener.tls, listener.authentication?.type], [true, 'scram-sha-512'], listener.name);
    assert.deepEqual(authorization, { type: 'simple' });
    const { KAFKA_BROKERS, KAFKA_TLS } = object('ConfigMap', 'tael').data;
    assert.deepEqual([KAFKA_BROKERS, KAFKA_TLS], [`events-kafka-bootstrap:${listeners[0].port}`, 'true']);
    assert.deepEqual(users.map(({ metadata }) => metadata.name).sort(), [...SERVICES.map((name) => `kafka-${name}`), OPERATOR].sort());
  });

  for (const name of SERVICES) {
    it(`${name} signs in by its own name, over TLS by the authority that is mounted, and reaches that port alone`, () => {
      const pod = object('Deployment', name).spec.template.spec;
      const [container] = pod.containers;
      const settings = Object.fromEntries(container.env.map((/** @type {any} */ entry) => [entry.name, entry]));
      assert.equal(settings.KAFKA_USERNAME.value, `kafka-${name}`);
      assert.deepEqual(settings.KAFKA_PASSWORD.valueFrom.secretKeyRef, { name: `kafka-${name}`, key: 'password' });
      const file = object('ConfigMap', 'tael').data.KAFKA_CA_FILE;
      const mount = container.volumeMounts.find((/** @type {any} */ { mountPath }) => mountPath === path.posix.dirname(file));
      const volume = pod.volumes.find((/** @type {any} */ entry) => entry.name === mount.name);
      assert.deepEqual([mount.readOnly, volume.secret.secretName, volume.secret.items], [true, 'events-cluster-ca-cert', [{ key: 'ca.crt', path: path.posix.basename(file) }]]);
      // What each container has besides stays.
      assert.ok(container.volumeMounts.some((/** @type {any} */ { mountPath }) => mountPath === '/tmp'));
      const ways = object('NetworkPolicy', name).spec.egress.filter((/** @type {any} */ { to }) => to?.[0].podSelector?.matchLabels['strimzi.io/cluster']);
      assert.deepEqual(ways.flatMap((/** @type {any} */ rule) => rule.ports), [{ port: listeners[0].port }]);
    });

    it(`${name} may write the topics of its events, read those that its source hears as its one group, and keep what it cannot work off`, () => {
      const user = `kafka-${name}`;
      const [{ group, topics }, ...more] = consumersOf(name);
      assert.deepEqual(more, []);
      const letters = topics.map((topic) => `${topic}.${group}.dlq`);
      assert.deepEqual(topicsOf(user, 'Write').sort(), [...topicsWrittenBy(name), ...letters].sort());
      assert.deepEqual(topicsOf(user, 'Read').sort(), [...topics].sort());
      assert.deepEqual(topicsOf(user, 'Create').sort(), letters.sort());
      assert.deepEqual(rights.filter((right) => right.user === user && right.resource.type === 'group').map(({ resource, operations }) => [resource.name, operations]), [[group, ['Read']]]);
    });
  }

  it('each topic of events is written by one service, and by who sends dead letters again', () => {
    const { TOPICS } = createRequire(import.meta.url)('@tael/events');
    for (const topic of /** @type {string[]} */ (Object.values(TOPICS))) {
      const writers = rights.filter(({ resource, operations }) => resource.name === topic && operations.includes('Write')).map(({ user }) => user);
      assert.deepEqual([writers.length, writers.includes(OPERATOR)], [2, true], `${topic}: ${writers.join(', ')}`);
    }
  });

  it('nothing is allowed by a pattern but the groups of those who read a topic through', () => {
    const wide = rights.filter(({ resource }) => resource.patternType !== 'literal' || resource.name === '*' || !['topic', 'group'].includes(resource.type));
    assert.deepEqual(wide.map(({ user, resource }) => [user, resource.type, resource.name]), [[OPERATOR, 'group', 'tael-read-']]);
    for (const { operations } of rights) assert.ok(!operations.includes('All'));
  });
});
