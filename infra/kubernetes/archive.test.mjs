import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { render } from '../checks/kustomize.mjs';
import { breachesOf, podsOf } from '../checks/pod-security.mjs';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const RUNBOOK = fs.readFileSync(path.join(FOLDER, '..', '..', 'docs', 'runbooks', 'restore.md'), 'utf8');
const README = fs.readFileSync(path.join(FOLDER, '..', 'README.md'), 'utf8');
const PLUGIN = 'barman-cloud.cloudnative-pg.io';

/** @param {string} folder @returns {Promise<any[]>} */
const objectsOf = async (folder) => parseAllDocuments(await render(path.join(FOLDER, folder))).map((document) => document.toJS());
const objects = await objectsOf('.');
const restored = await objectsOf('restore');
/** @param {any[]} all @param {string} kind @param {string} name */
const object = (all, kind, name) => {
  const found = all.filter((entry) => entry.kind === kind && entry.metadata.name === name);
  assert.equal(found.length, 1, `${found.length} of ${kind} ${name}`);
  return found[0];
};
const clusters = objects.filter(({ kind }) => kind === 'Cluster').map(({ metadata }) => metadata.name);
/** @param {any} cluster what it writes its archive with */
const archiverOf = (cluster) => {
  const archivers = (cluster.spec.plugins ?? []).filter((/** @type {any} */ plugin) => plugin.isWALArchiver);
  assert.deepEqual(archivers.map((/** @type {any} */ { name, enabled }) => [name, enabled ?? true]), [[PLUGIN, true]], cluster.metadata.name);
  return archivers[0].parameters;
};
/** @param {string} text as Postgres reads it */
const secondsOf = (text) => {
  const [, number = '', unit] = /^(\d+)(ms|s|min|h|d)?$/.exec(text) ?? [];
  return Number(number) * { ms: 0.001, s: 1, min: 60, h: 3_600, d: 86_400 }[unit ?? 's'];
};

it('there are two servers of Postgres', () => assert.deepEqual(clusters, ['ledger', 'platform']));

for (const name of clusters) {
  describe(`${name} can be brought back`, () => {
    const cluster = object(objects, 'Cluster', name);

    it('its log goes to the archive as it is written, and each minute at the latest', () => {
      const { barmanObjectName, serverName } = archiverOf(cluster);
      assert.deepEqual([barmanObjectName, serverName], [name, `${name}-1`]);
      const seconds = secondsOf(cluster.spec.postgresql.parameters.archive_timeout);
      assert.ok(seconds > 0 && seconds <= 60, `${seconds} s`);
      // CloudNativePG keeps these two; who sets them takes the archive away from it.
      for (const own of ['archive_mode', 'archive_command', 'archive_library']) assert.equal(cluster.spec.postgresql.parameters[own], undefined, own);
    });

    it('the archive is a store of its own, reached over TLS, encrypted, and kept for a time that covers that of the topics', () => {
      const { configuration, retentionPolicy } = object(objects, 'ObjectStore', archiverOf(cluster).barmanObjectName).spec;
      assert.match(configuration.endpointURL, /^https:/);
      assert.match(configuration.destinationPath, new RegExp(`^s3://[a-z0-9.-]+/${name}$`));
      for (const part of ['wal', 'data']) assert.ok(['AES256', 'aws:kms'].includes(configuration[part].encryption), part);
      const topics = objects.filter(({ kind }) => kind === 'KafkaTopic').map(({ spec }) => Number(spec.config['retention.ms']));
      assert.match(retentionPolicy, /^\d+d$/);
      assert.ok(Number.parseInt(retentionPolicy, 10) * 86_400_000 > Math.max(...topics), retentionPolicy);
    });

    it('credentials are referred to, in a secret that the README has made', () => {
      const { s3Credentials } = object(objects, 'ObjectStore', name).spec.configuration;
      for (const key of ['accessKeyId', 'secretAccessKey', 'region']) {
        assert.equal(s3Credentials[key].name, `tael-archive-${name}`);
        assert.ok(README.includes(`--from-literal=${s3Credentials[key].key}=`), s3Credentials[key].key);
      }
    });

    it('a base is made at once and each day, out of the same archive', () => {
      const backups = objects.filter(({ kind, spec }) => kind === 'ScheduledBackup' && spec.cluster.name === name);
      assert.equal(backups.length, 1);
      const { schedule, immediate, suspend, method, pluginConfiguration } = backups[0].spec;
      assert.deepEqual([immediate, suspend, method, pluginConfiguration.name], [true, undefined, 'plugin', PLUGIN]);
      assert.match(schedule, /^\d+ \d+ \d+ \* \* \*$/);
    });

    it('restored as the runbook says it reads the history of before, and writes one of its own', () => {
      const { spec } = object(restored, 'Cluster', name);
      const { source, recoveryTarget } = spec.bootstrap.recovery;
      const from = spec.externalClusters.find((/** @type {any} */ entry) => entry.name === source).plugin;
      assert.deepEqual([from.name, from.parameters], [PLUGIN, archiverOf(cluster)]);
      const to = archiverOf({ metadata: { name }, spec });
      assert.equal(to.barmanObjectName, name);
      assert.notEqual(to.serverName, from.parameters.serverName);
      // A moment without its zone would be read in the zone of whoever reads it; one in whole milliseconds is what the broker's times are compared with.
      assert.match(recoveryTarget.targetTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });

    it('and is the same server in everything else', () => {
      const { spec: { bootstrap: _, externalClusters: __, plugins: ___, ...rest } } = object(restored, 'Cluster', name);
      const { plugins: ____, ...before } = cluster.spec;
      assert.deepEqual(rest, before);
    });
  });
}

describe('the restore', () => {
  it('brings all databases to one moment, which the runbook names', () => {
    const moments = new Set(clusters.map((name) => object(restored, 'Cluster', name).spec.bootstrap.recovery.recoveryTarget.targetTime));
    assert.equal(moments.size, 1);
    assert.ok(RUNBOOK.includes(`targetTime: "${[...moments][0]}"`));
    assert.ok(RUNBOOK.includes('kubectl apply -k infra/kubernetes/restore'));
  });

  it('changes nothing but the two servers', () => {
    const others = restored.filter(({ kind }) => kind !== 'Cluster');
    assert.ok(others.length > 10);
    for (const other of others) assert.deepEqual(other, object(objects, other.kind, other.metadata.name));
  });

  it('starts no service: they would write before the rest is done', () => {
    assert.deepEqual(restored.filter(({ kind }) => ['Deployment', 'Job', 'CronJob'].includes(kind)), []);
  });

  it('makes pods that the namespace lets in', () => {
    for (const { name, pod } of podsOf(restored)) assert.deepEqual(breachesOf(pod), [], name);
  });

  it('does what our own restore does in the books beside', () => {
    const source = fs.readFileSync(path.join(FOLDER, '..', '..', 'scripts', 'backup', 'events.mjs'), 'utf8');
    const statements = [...source.matchAll(/\/\* restore\.end(?:Codes|Removals) \*\/ ([^']+)'/g)].map(([, sql = '']) => sql);
    assert.equal(statements.length, 2);
    for (const sql of statements) assert.ok(RUNBOOK.includes(sql), sql);
  });
});

describe('the network lets', () => {
  const { spec } = object(objects, 'NetworkPolicy', 'postgres');

  it("each instance, and each job that restores one, reach the store and the cluster's API", () => {
    assert.deepEqual(spec.podSelector, { matchExpressions: [{ key: 'cnpg.io/cluster', operator: 'Exists' }] });
    assert.deepEqual(spec.egress, [{}]);
  });

  it('peers see each other at both ports: a primary that sees neither them nor the API ends itself', () => {
    const ports = spec.ingress.filter((/** @type {any} */ { from }) => from.some((/** @type {any} */ { podSelector }) =>
      podSelector?.matchExpressions?.some((/** @type {any} */ { key }) => key === 'cnpg.io/cluster'))).flatMap((/** @type {any} */ rule) => rule.ports);
    assert.deepEqual(ports.map((/** @type {any} */ { port }) => port).sort(), [5432, 8000]);
  });

  it('the monitoring read what alerts look at, with the name of the server', () => {
    const rules = spec.ingress.filter((/** @type {any} */ { ports }) => ports.some((/** @type {any} */ { port }) => port === 9187));
    assert.deepEqual(rules.map((/** @type {any} */ { from }) => from), [[{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }]]);
    const monitor = object(objects, 'PodMonitor', 'postgres').spec;
    assert.deepEqual([monitor.selector, monitor.podTargetLabels], [spec.podSelector, ['cnpg.io/cluster']]);
  });
});
