import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { lint } from './linters.mjs';

/*
 * What the operators' kinds allow, as far as our manifests go: each object lists what we may say, and nothing else passes, since a cluster drops
 * a field that it does not know without a word. By the definitions of Strimzi 0.48 to 0.51 (v1beta2), CloudNativePG 1.28 to 1.30, its Barman Cloud
 * plugin 0.6 to 0.14 and the operator of Prometheus (v1). Who uses another field looks it up there first, and adds it here.
 */

const text = { type: 'string' };
const flag = { type: 'boolean' };
const whole = { type: 'integer' };
const size = { type: 'string', pattern: '^[1-9][0-9]*[MGT]i$' };
/** @param {...string} values */
const oneOf = (...values) => ({ enum: values });
/** @param {object} items */
const list = (items) => ({ type: 'array', items, minItems: 1 });
/** @param {object} values */
const map = (values) => ({ type: 'object', additionalProperties: values });
/** @param {Record<string, object>} needed @param {Record<string, object>} [allowed] */
const fields = (needed, allowed = {}) => ({ type: 'object', properties: { ...needed, ...allowed }, required: Object.keys(needed), additionalProperties: false });

const named = fields({ name: text });
const keyOf = fields({ name: text, key: text });
const labelSelector = fields({}, {
  matchLabels: map(text),
  matchExpressions: list(fields({ key: text, operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist') }, { values: list(text) })),
});
const resources = fields({}, { requests: map(text), limits: map(text) });

const seccompProfile = fields({ type: oneOf('RuntimeDefault', 'Localhost', 'Unconfined') });
const podTemplate = fields({ securityContext: fields({}, { runAsNonRoot: flag, runAsUser: whole, runAsGroup: whole, fsGroup: whole, seccompProfile }) });
const containerTemplate = fields({
  securityContext: fields({}, {
    allowPrivilegeEscalation: flag, privileged: flag, readOnlyRootFilesystem: flag, runAsNonRoot: flag, runAsUser: whole, runAsGroup: whole, seccompProfile,
    capabilities: fields({}, { drop: list(text), add: list(text) }),
  }),
});
const kafkaTemplate = { pod: podTemplate, kafkaContainer: containerTemplate, initContainer: containerTemplate };

const acl = fields({
  resource: fields({ type: oneOf('topic', 'group', 'cluster', 'transactionalId') }, { name: text, patternType: oneOf('literal', 'prefix') }),
  operations: list(oneOf('Read', 'Write', 'Delete', 'Alter', 'Describe', 'All', 'IdempotentWrite', 'ClusterAction', 'Create', 'AlterConfigs', 'DescribeConfigs')),
}, { type: oneOf('allow', 'deny'), host: text });

const barman = 'barman-cloud.cloudnative-pg.io';
const barmanPlugin = { name: oneOf(barman), parameters: fields({ barmanObjectName: text, serverName: text }) };
const encryption = oneOf('AES256', 'aws:kms');

/** @type {Record<string, { apiVersion: string, spec: object }>} */
const KINDS = {
  Kafka: {
    apiVersion: 'kafka.strimzi.io/v1beta2',
    spec: fields({
      kafka: fields({
        version: text,
        listeners: list(fields({ name: text, port: whole, type: oneOf('internal', 'route', 'loadbalancer', 'nodeport', 'ingress', 'cluster-ip'), tls: flag }, {
          authentication: fields({ type: oneOf('tls', 'scram-sha-512', 'oauth', 'custom') }),
        })),
      }, { authorization: fields({ type: oneOf('simple') }), config: map({}), template: fields({}, kafkaTemplate) }),
    }, {
      entityOperator: fields({}, {
        topicOperator: fields({}), userOperator: fields({}),
        template: fields({}, { pod: podTemplate, topicOperatorContainer: containerTemplate, userOperatorContainer: containerTemplate }),
      }),
    }),
  },
  KafkaNodePool: {
    apiVersion: 'kafka.strimzi.io/v1beta2',
    spec: fields({
      replicas: whole,
      roles: list(oneOf('controller', 'broker')),
      storage: fields({
        type: oneOf('jbod'),
        volumes: list(fields({ id: whole, type: oneOf('persistent-claim'), size }, { deleteClaim: flag, kraftMetadata: oneOf('shared'), class: text })),
      }),
    }, { resources, template: fields({}, kafkaTemplate) }),
  },
  KafkaTopic: {
    apiVersion: 'kafka.strimzi.io/v1beta2',
    spec: fields({ partitions: whole, replicas: whole }, { config: map({}), topicName: text }),
  },
  KafkaUser: {
    apiVersion: 'kafka.strimzi.io/v1beta2',
    spec: fields({ authentication: fields({ type: oneOf('scram-sha-512') }) }, { authorization: fields({ type: oneOf('simple'), acls: list(acl) }) }),
  },
  Cluster: {
    apiVersion: 'postgresql.cnpg.io/v1',
    spec: fields({ instances: whole, storage: fields({ size }) }, {
      imageName: text, walStorage: fields({ size }), resources, affinity: fields({}, { topologyKey: text }),
      postgresql: fields({}, {
        parameters: map(text),
        synchronous: fields({ method: oneOf('any', 'first'), number: whole }, { dataDurability: oneOf('required', 'preferred') }),
      }),
      managed: fields({ roles: list(fields({ name: text }, { ensure: oneOf('present', 'absent'), login: flag, passwordSecret: named })) }),
      plugins: list(fields(barmanPlugin, { isWALArchiver: flag })),
      bootstrap: fields({ recovery: fields({ source: text }, { recoveryTarget: fields({}, { targetTime: text, targetTLI: text, backupID: text }) }) }),
      externalClusters: list(fields({ name: text, plugin: fields(barmanPlugin) })),
    }),
  },
  Database: { apiVersion: 'postgresql.cnpg.io/v1', spec: fields({ cluster: named, name: text, owner: text }) },
  ScheduledBackup: {
    apiVersion: 'postgresql.cnpg.io/v1',
    spec: fields({ cluster: named, schedule: text }, {
      immediate: flag, suspend: flag, backupOwnerReference: oneOf('none', 'self', 'cluster'), target: oneOf('primary', 'prefer-standby'),
      method: oneOf('barmanObjectStore', 'volumeSnapshot', 'plugin'), pluginConfiguration: fields({ name: oneOf(barman) }),
    }),
  },
  ObjectStore: {
    apiVersion: 'barmancloud.cnpg.io/v1',
    spec: fields({
      configuration: fields({ destinationPath: { ...text, minLength: 1 } }, {
        endpointURL: text, endpointCA: keyOf,
        s3Credentials: fields({}, { accessKeyId: keyOf, secretAccessKey: keyOf, sessionToken: keyOf, region: keyOf, inheritFromIAMRole: flag }),
        wal: fields({}, { compression: oneOf('bzip2', 'gzip', 'lz4', 'snappy', 'xz', 'zstd'), encryption, maxParallel: whole }),
        // lz4 of bases came with 0.13 of the plugin.
        data: fields({}, { compression: oneOf('bzip2', 'gzip', 'snappy'), encryption, jobs: whole, immediateCheckpoint: flag }),
      }),
    }, { retentionPolicy: { ...text, pattern: '^[1-9][0-9]*[dwm]$' }, instanceSidecarConfiguration: fields({}, { resources, retentionPolicyIntervalSeconds: whole }) }),
  },
  PodMonitor: {
    apiVersion: 'monitoring.coreos.com/v1',
    spec: fields({ selector: labelSelector, podMetricsEndpoints: list(fields({ port: text })) }, { podTargetLabels: list(text) }),
  },
  PrometheusRule: {
    apiVersion: 'monitoring.coreos.com/v1',
    spec: fields({ groups: list(fields({ name: text, rules: list(fields({ alert: text, expr: text, labels: map(text), annotations: map(text) }, { for: text })) })) }),
  },
};

/** The kinds that Kubernetes itself knows nothing of. */
export const OPERATORS_KINDS = Object.keys(KINDS);

/**
 * Says what of the operators' objects is not as their kinds allow; nothing where all is.
 * @param {any[]} objects
 */
export async function checkOperators(objects) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-operators-'));
  const schema = path.join(folder, 'schema.json');
  /** @type {string[]} */
  const problems = [];
  for (const [kind, { apiVersion, spec }] of Object.entries(KINDS)) {
    const files = objects.filter((object) => object.kind === kind).map((object) => {
      const file = path.join(folder, `${kind}-${object.metadata.name}.json`);
      fs.writeFileSync(file, JSON.stringify(object));
      return file;
    });
    if (files.length === 0) continue;
    fs.writeFileSync(schema, JSON.stringify(fields({ apiVersion: { const: apiVersion }, kind: { const: kind }, metadata: { type: 'object' }, spec })));
    const { status, output } = await lint('check-jsonschema', ['--schemafile', schema, ...files]);
    if (status !== 0) problems.push(output);
  }
  fs.rmSync(folder, { recursive: true });
  return problems;
}
