import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { isSecret } from '../../scripts/stack/services.mjs';
import { ownerOf } from '../../scripts/subgraphs.mjs';
import { consumersOf } from '../checks/consumers.mjs';
import { lint, linterLack } from '../checks/linters.mjs';
import { render } from '../checks/kustomize.mjs';
import { OPERATORS_KINDS } from '../checks/operators.mjs';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const SERVICES = /** @type {const} */ (['accounts', 'merchants', 'rewards', 'notifications', 'gateway']);

/** Beside its pool a process has the session of its relay, and one of a look at the database's health. */
const SESSIONS_BESIDE = 2;
/** For superusers, the operator, its metrics and people who look. */
const SESSIONS_SPARE = 30;

const text = await render(FOLDER);
/** @type {any[]} */
const objects = parseAllDocuments(text).map((document) => document.toJS());
/** @param {string} kind @param {string} name */
const object = (kind, name) => {
  const found = objects.filter((entry) => entry.kind === kind && entry.metadata.name === name);
  assert.equal(found.length, 1, `${found.length} of ${kind} ${name}`);
  return found[0];
};
const lack = await linterLack();
/** Where consumers measure themselves. */
const SOURCE_OF_METRICS = fs.readFileSync(path.join(FOLDER, '..', '..', 'packages', 'platform', 'src', 'inbox', 'inbox.metrics.ts'), 'utf8');

/** @param {string} manifests */
async function validate(manifests) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'tael-kubernetes-')), 'manifests.yaml');
  fs.writeFileSync(file, manifests);
  const result = await lint('kubernetes-validate', ['--kubernetes-version', '1.34', '--strict', file]);
  fs.rmSync(path.dirname(file), { recursive: true });
  return result;
}

it('every object of a built-in kind is what Kubernetes 1.34 allows', { skip: lack }, async () => {
  const { status, output } = await validate(text);
  assert.equal(status, 0, output);
  assert.doesNotMatch(output, /ERROR/);
  const unknown = [...output.matchAll(/schema for kind (\w+)/g)].map(([, kind]) => kind ?? '');
  assert.deepEqual([...new Set(unknown)].filter((kind) => !OPERATORS_KINDS.includes(kind)), []);
});

it('the schemas refuse what Kubernetes would', { skip: lack }, async () => {
  const { status, output } = await validate(text.replace('maxUnavailable: 1', 'maxUnavailables: 1'));
  assert.ok(status !== 0 || /ERROR/.test(output), output);
});

it('nothing is left of the template, and everything lives in the namespace', () => {
  assert.doesNotMatch(text, /[:/ ]template$/m);
  for (const { kind, metadata } of objects.filter((entry) => entry.kind !== 'Namespace')) {
    assert.equal(metadata.namespace, 'tael', `${kind} ${metadata.name}`);
  }
});

describe('each service', () => {
  for (const name of SERVICES) {
    it(`${name} is spread, guarded, scaled and reached by its own name`, () => {
      const labels = { 'app.kubernetes.io/name': name };
      const { spec } = object('Deployment', name);
      const pod = spec.template.spec;
      assert.deepEqual(spec.selector.matchLabels, labels);
      assert.deepEqual(object('Service', name).spec.selector, labels);
      assert.deepEqual(object('PodDisruptionBudget', name).spec.selector.matchLabels, labels);
      assert.deepEqual(object('NetworkPolicy', name).spec.podSelector.matchLabels, labels);
      for (const constraint of pod.topologySpreadConstraints) assert.deepEqual(constraint.labelSelector.matchLabels, labels);
      assert.deepEqual(object('HorizontalPodAutoscaler', name).spec.scaleTargetRef, { apiVersion: 'apps/v1', kind: 'Deployment', name });
      assert.equal(pod.serviceAccountName, object('ServiceAccount', name).metadata.name);
      assert.equal(spec.replicas, undefined, 'the autoscaler decides');
      assert.ok(pod.terminationGracePeriodSeconds > 30);
    });

    it(`${name}'s containers cannot write, rise or run as root, and have bounds and probes`, () => {
      const pod = object('Deployment', name).spec.template.spec;
      assert.equal(pod.securityContext.runAsNonRoot, true);
      for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
        assert.deepEqual(container.securityContext, {
          allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] },
        });
        assert.ok(container.resources.requests.cpu && container.resources.limits.memory);
        assert.equal(container.image, `tael/${name}`);
      }
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) assert.ok(pod.containers[0][probe], probe);
    });

    it(`${name} takes each secret by reference, and none is in the manifests`, () => {
      const [container] = object('Deployment', name).spec.template.spec.containers;
      assert.ok(container.envFrom.some((/** @type {any} */ source) => source.secretRef?.name === `tael-${name}`));
      const given = container.env.filter((/** @type {any} */ entry) => isSecret(entry.name) && !entry.valueFrom?.secretKeyRef);
      assert.deepEqual(given, []);
    });
  }

  it('who consumes is scaled by how far its own group lies behind, and nobody else is', () => {
    const inCode = SERVICES.flatMap((name) => consumersOf(name).map(({ group }) => [name, group]));
    assert.ok(inCode.length >= 4, `only ${inCode.length} consumers were found in the code`);
    const scaled = SERVICES.flatMap((name) => {
      const metrics = object('HorizontalPodAutoscaler', name).spec.metrics.filter((/** @type {any} */ metric) => metric.type === 'External');
      return metrics.map((/** @type {any} */ { external: { metric, target } }) => {
        assert.ok(SOURCE_OF_METRICS.includes(`name: '${metric.name}'`), `no service has a metric ${metric.name}`);
        assert.deepEqual(Object.keys(metric.selector.matchLabels), ['group']);
        assert.ok(target.type === 'AverageValue' && Number(target.averageValue) > 0, name);
        return [name, metric.selector.matchLabels.group];
      });
    });
    assert.deepEqual(scaled, inCode);
  });

  it('settings that are referred to are there', () => {
    for (const name of SERVICES) {
      const [container] = object('Deployment', name).spec.template.spec.containers;
      for (const { valueFrom } of container.env.filter((/** @type {any} */ entry) => entry.valueFrom?.configMapKeyRef)) {
        const { name: map, key } = valueFrom.configMapKeyRef;
        assert.ok(object('ConfigMap', map).data[key], `${map}/${key}`);
      }
    }
  });

  it('each address of ours that is told outside is one that the ingress leads to who answers it', () => {
    const routes = objects.filter(({ kind }) => kind === 'Ingress').flatMap(({ spec }) => spec.rules).flatMap((rule) =>
      rule.http.paths.map((/** @type {any} */ { path: at, pathType, backend }) => ({ host: rule.host, at, pathType, service: backend.service })));
    // An address without a path is a name: the issuer of tokens.
    const told = objects.filter(({ kind }) => kind === 'ConfigMap').flatMap(({ data }) => Object.entries(data))
      .filter(([, value]) => value.startsWith('https://api.tael.example/')).map(([key, value]) => ({ key, url: new URL(value) }));
    assert.ok(told.some(({ key }) => key === 'unsubscribe-url') && told.length >= 3, `only ${told.length} were found`);
    for (const { key, url } of told) {
      const route = routes.find(({ host, at, pathType }) => host === url.host
        && (at === url.pathname || (pathType === 'Prefix' && url.pathname.startsWith(`${at}/`))));
      assert.ok(route, `no route for ${key}, ${url}`);
      assert.equal(route.service.name, key === 'unsubscribe-url' ? 'notifications' : 'gateway');
      const letIn = object('NetworkPolicy', route.service.name).spec.ingress.filter((/** @type {any} */ rule) =>
        rule.ports.some((/** @type {any} */ { port }) => port === route.service.port.name)
        && rule.from.some((/** @type {any} */ from) => from.namespaceSelector?.matchLabels['kubernetes.io/metadata.name'] === 'ingress'));
      assert.equal(letIn.length, 1, `${route.service.name} does not let the ingress in`);
    }
    // What else notifications serves is for the gateway alone.
    assert.deepEqual(routes.filter(({ service }) => service.name === 'notifications').map(({ at, pathType }) => [at, pathType]), [['/unsubscribe', 'Exact']]);
  });

  it('no object holds a secret', () => {
    assert.deepEqual(objects.filter((entry) => entry.kind === 'Secret'), []);
  });
});

describe("the partners' door for clients with certificates", () => {
  const pod = object('Deployment', 'gateway').spec.template.spec;
  const [container] = pod.containers;
  /** @param {string} name */
  const setting = (name) => container.env.find((/** @type {any} */ entry) => entry.name === name)?.value ?? '';
  const door = container.ports.find((/** @type {any} */ { containerPort }) => String(containerPort) === setting('PARTNER_TLS_PORT'));
  const services = objects.filter(({ kind, spec }) => kind === 'Service' && spec.ports.some((/** @type {any} */ { targetPort }) => targetPort === 'partner-tls'));

  it('the gateway listens at a port of its own', () => {
    assert.equal(door?.name, 'partner-tls');
    assert.deepEqual(container.ports.map((/** @type {any} */ { name }) => name).sort(), ['http', 'management', 'partner-tls']);
  });

  it('certificate and key come from a secret that is referred to, and are read alone', () => {
    const [cert, key] = [setting('PARTNER_TLS_CERT_FILE'), setting('PARTNER_TLS_KEY_FILE')];
    const mount = container.volumeMounts.find((/** @type {any} */ { mountPath }) => mountPath === path.posix.dirname(cert));
    assert.equal(mount?.readOnly, true, cert);
    // With a subPath a renewed certificate would never arrive, not even for who looks.
    assert.equal(mount.subPath, undefined);
    const volume = pod.volumes.find((/** @type {any} */ { name }) => name === mount.name);
    assert.deepEqual(volume.secret, { secretName: 'tael-gateway-partner-tls' });
    // The names that a secret of the type kubernetes.io/tls has.
    assert.deepEqual([cert, key], ['tls.crt', 'tls.key'].map((name) => path.posix.join(mount.mountPath, name)));
    assert.doesNotMatch(text, /BEGIN|tls\.key: /);
  });

  it('a connection reaches the gateway as it is: no ingress ends it, and the address of the caller stays', () => {
    assert.equal(services.length, 1, 'services that lead there');
    const { spec } = services[0];
    assert.deepEqual([spec.type, spec.externalTrafficPolicy], ['LoadBalancer', 'Local']);
    assert.deepEqual(spec.selector, { 'app.kubernetes.io/name': 'gateway' });
    // What else the gateway has is not reached past the ingress.
    assert.deepEqual(spec.ports.map((/** @type {any} */ { targetPort }) => targetPort), ['partner-tls']);
    const routed = objects.filter(({ kind }) => kind === 'Ingress').flatMap((ingress) => ingress.spec.rules).flatMap(({ http }) => http.paths);
    assert.deepEqual(routed.filter(({ backend }) => backend.service.name === services[0].metadata.name), []);
  });

  it('the network lets everybody in there, and nobody but the ingress and the monitoring anywhere else', () => {
    const rules = object('NetworkPolicy', 'gateway').spec.ingress;
    const [open, ...others] = rules.filter((/** @type {any} */ { ports }) => ports.some((/** @type {any} */ { port }) => port === 'partner-tls'));
    // Without `from` it is everybody: with the policy Local callers come with their own addresses.
    assert.deepEqual([open, others], [{ ports: [{ port: 'partner-tls' }] }, []]);
    for (const rule of rules.filter((/** @type {any} */ entry) => entry !== open)) assert.ok(rule.from.length > 0 && rule.ports.length > 0, JSON.stringify(rule));
  });

  it('accounts tells the address that leads there, and no other service does', () => {
    const told = SERVICES.filter((name) => object('Deployment', name).spec.template.spec.containers[0].env
      .some((/** @type {any} */ entry) => entry.name === 'PARTNER_TLS_ISSUER'));
    assert.deepEqual(told, ['accounts']);
    const entry = object('Deployment', 'accounts').spec.template.spec.containers[0].env.find((/** @type {any} */ { name }) => name === 'PARTNER_TLS_ISSUER');
    const ref = entry.valueFrom.configMapKeyRef;
    const url = new URL(object('ConfigMap', ref.name).data[ref.key]);
    const issuer = new URL(object('ConfigMap', 'tael').data.PARTNER_ISSUER);
    assert.deepEqual([url.protocol, url.pathname, url.search], ['https:', issuer.pathname, '']);
    assert.equal(Number(url.port || 443), services[0]?.spec.ports[0].port);
    // The host of the ingress is another machine's: there TLS ends before the gateway.
    const hosts = objects.filter(({ kind }) => kind === 'Ingress').flatMap(({ spec }) => spec.rules).map(({ host }) => host);
    assert.ok(!hosts.includes(url.hostname), url.hostname);
  });
});

describe("the engines' operators", () => {
  it('Kafka keeps an acknowledged event on two of three brokers', () => {
    const { config } = object('Kafka', 'events').spec.kafka;
    assert.ok(object('KafkaNodePool', 'nodes').spec.replicas >= 3);
    assert.equal(config['min.insync.replicas'], 2);
    assert.equal(config['default.replication.factor'], 3);
    assert.equal(config['unclean.leader.election.enable'], false);
  });

  it('there is a topic for each topic of the events, and no other', () => {
    const { TOPICS } = createRequire(import.meta.url)('@tael/events');
    const names = objects.filter((entry) => entry.kind === 'KafkaTopic').map((entry) => entry.metadata.name);
    assert.deepEqual(names.sort(), Object.values(TOPICS).sort());
  });

  it('A30: who serves and who owns the tables are two roles, and only the migrations are given the owner', () => {
    for (const name of ['accounts', 'merchants', 'rewards', 'notifications']) {
      const { cluster, name: database, owner } = object('Database', name).spec;
      assert.deepEqual([database, owner], [`tael_${name}`, ownerOf(database)]);
      const roles = object('Cluster', cluster.name).spec.managed.roles;
      for (const role of [database, owner]) {
        const found = roles.find((/** @type {any} */ entry) => entry.name === role);
        assert.ok(found?.login && found.passwordSecret.name, role);
        assert.deepEqual([found.superuser, found.createdb, found.createrole, found.inRoles], [undefined, undefined, undefined, undefined]);
      }
      const pod = object('Deployment', name).spec.template.spec;
      const given = (/** @type {any} */ container) => container.envFrom.map((/** @type {any} */ source) => source.secretRef?.name);
      assert.deepEqual(given(pod.initContainers[0]), [`tael-${name}-migrations`]);
      assert.ok(!given(pod.containers[0]).includes(`tael-${name}-migrations`));
    }
  });

  it('banks are reached: their subgraphs and receivers of webhooks from inside, the keys of our signatures from outside', () => {
    for (const name of ['gateway', 'merchants']) {
      const [outside] = object('NetworkPolicy', name).spec.egress.filter((/** @type {any} */ rule) => rule.to.some((/** @type {any} */ to) => to.ipBlock));
      assert.deepEqual(outside.ports.map((/** @type {any} */ { port }) => port), [443, 8443], name);
      assert.ok(outside.to[0].ipBlock.except.includes('10.0.0.0/8'), name);
    }
    const paths = object('Ingress', 'gateway').spec.rules.flatMap((/** @type {any} */ rule) => rule.http.paths.map((/** @type {any} */ { path: at }) => at));
    assert.ok(paths.includes('/partner/subgraph-keys'));
  });

  it('Postgres has a session for all that its services open at their most, and some to spare', () => {
    const platform = fs.readFileSync(path.join(FOLDER, '..', '..', 'packages', 'platform', 'src', 'env', 'index.ts'), 'utf8');
    const usual = Number(/DATABASE_POOL_SIZE: count\.default\((\d+)\)/.exec(platform)?.[1]);
    assert.ok(usual > 0);
    const poolOf = (/** @type {string} */ name) => {
      const given = object('Deployment', name).spec.template.spec.containers[0].env.find((/** @type {any} */ entry) => entry.name === 'DATABASE_POOL_SIZE');
      const ref = given?.valueFrom.configMapKeyRef;
      return ref ? Number(object('ConfigMap', ref.name).data[ref.key]) : usual;
    };
    for (const name of ['ledger', 'platform']) {
      const owners = objects.filter((entry) => entry.kind === 'Database' && entry.spec.cluster.name === name).map(({ metadata }) => metadata.name);
      assert.ok(owners.length > 0, name);
      const needed = owners.reduce((sum, owner) => {
        // While a new version comes there is one process more.
        const processes = object('HorizontalPodAutoscaler', owner).spec.maxReplicas + object('Deployment', owner).spec.strategy.rollingUpdate.maxSurge;
        return sum + processes * (poolOf(owner) + SESSIONS_BESIDE);
      }, 0);
      const most = Number(object('Cluster', name).spec.postgresql.parameters.max_connections);
      assert.ok(needed <= most - SESSIONS_SPARE, `${name}: ${needed} sessions of ${owners.join(', ')}, ${most} less ${SESSIONS_SPARE} are there`);
    }
  });

  it('Postgres acknowledges a commit once a replica has it, and nobody shares the ledger', () => {
    for (const name of ['ledger', 'platform']) {
      const { spec } = object('Cluster', name);
      assert.ok(spec.instances >= 3);
      assert.deepEqual(spec.postgresql.synchronous, { method: 'any', number: 1, dataDurability: 'required' });
      assert.equal(spec.postgresql.parameters.synchronous_commit, 'on');
    }
    assert.match(JSON.stringify(object('NetworkPolicy', 'accounts').spec.egress), /"cnpg.io\/cluster":"ledger"/);
    for (const name of ['merchants', 'rewards', 'notifications']) {
      assert.doesNotMatch(JSON.stringify(object('NetworkPolicy', name).spec.egress), /ledger/);
    }
  });
});

describe('alerts', () => {
  const REPOSITORY = path.join(FOLDER, '..', '..');
  /** Told by the kubelet of every volume, by CloudNativePG and its plugin for archives of each server, and by nothing of ours. */
  const OTHERS = [
    'kubelet_volume_stats_used_bytes', 'kubelet_volume_stats_capacity_bytes',
    'cnpg_pg_stat_archiver_seconds_since_last_archival', 'cnpg_collector_pg_wal_archive_status', 'barman_cloud_cloudnative_pg_io_last_available_backup_timestamp',
  ];
  /** What the sources of services and packages make: each metric with its labels, where they are written down beside its name. */
  const exported = new Map(
    ['services', 'packages'].flatMap((top) =>
      fs.readdirSync(path.join(REPOSITORY, top)).flatMap((name) => {
        const folder = path.join(REPOSITORY, top, name, 'src');
        const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
        return files.flatMap((file) =>
          fs.readFileSync(path.join(folder, file), 'utf8').split(/(?=\bname: 'tael_)/).slice(1).map((part) => {
            const [, metric = ''] = /^name: '(\w+)'/.exec(part) ?? [];
            const [, labels = ''] = /^[^}]*?\blabels: \[([^\]]*)\]/.exec(part) ?? [];
            return /** @type {[string, string[]]} */ ([metric, [...labels.matchAll(/'(\w+)'/g)].map(([, label = '']) => label)]);
          }),
        );
      }),
    ),
  );
  /** @type {{ alert: string, expr: string, for?: string, labels: Record<string, string>, annotations: Record<string, string> }[]} */
  const rules = object('PrometheusRule', 'tael').spec.groups.flatMap((/** @type {any} */ group) => group.rules);
  /** Which a scrape adds: see the label app.kubernetes.io/name of each pod, and the PodMonitor of Postgres. */
  const SCRAPED = ['app_kubernetes_io_name', 'cnpg_io_cluster'];
  const namesIn = (/** @type {string} */ expr) => [...expr.matchAll(/\b[a-z][a-z0-9]*(?:_[a-z0-9]+){2,}\b/g)].map(([name]) => name).filter((name) => !SCRAPED.includes(name));

  it('there is one for each thing that the runbooks name', () => {
    assert.deepEqual(rules.map(({ alert }) => alert).sort(), [
      'ArchiveBehind', 'BackupOld', 'BankFilesFailed', 'BooksNotClosedOver', 'BooksUnsound', 'ConsumerBehind', 'DeadLetters', 'DiskFilling', 'OutboxHeldBack', 'OutboxOld',
      'SealKeyWorn',
    ]);
    assert.match(rules.find(({ alert }) => alert === 'DiskFilling')?.expr ?? '', /> 0\.8$/);
    // Half of 2^32 within the days between two turns, which the runbook says.
    const [, turn, window] = /\[(?:\d+)d\]\)\) \* (\d+) \/ (\d+) > 2\^31$/.exec(rules.find(({ alert }) => alert === 'SealKeyWorn')?.expr ?? '') ?? [];
    assert.ok(rules.find(({ alert }) => alert === 'SealKeyWorn')?.expr.includes(`[${window}d]`));
    assert.match(fs.readFileSync(path.join(REPOSITORY, 'docs', 'runbooks', 'key-rotation.md'), 'utf8'), new RegExp(`each ${turn} days`));
    const told = ['docs', 'infra'].flatMap((top) => fs.readdirSync(path.join(REPOSITORY, top), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md')).map((name) => fs.readFileSync(path.join(REPOSITORY, top, name), 'utf8'))).join('\n');
    const alarms = [...told.matchAll(/[Aa]larm on[\s\S]{0,120}?`(tael_\w+)`/g)].map(([, name = '']) => name);
    assert.ok(alarms.length > 0);
    for (const name of alarms) assert.ok(rules.some(({ expr }) => namesIn(expr).includes(name)), `no alert looks at ${name}`);
  });

  for (const { alert, expr, labels, annotations } of rules) {
    it(`${alert} looks at what somebody tells, says how urgent it is, and names a page that is there`, () => {
      const names = namesIn(expr);
      assert.ok(names.length > 0, expr);
      for (const name of names) assert.ok(exported.has(name) || OTHERS.includes(name), `no service exports ${name}`);
      const ofMetric = names.flatMap((name) => exported.get(name) ?? []);
      const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(',').map((label) => label.trim()));
      const shown = [...Object.values(annotations).join(' ').matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
      for (const label of grouped) assert.ok(ofMetric.includes(label) || SCRAPED.includes(label), `${names.join()} has no label ${label}`);
      // A sum keeps the labels that it is made by, and no other.
      if (grouped.length) for (const label of shown) assert.ok(grouped.includes(label), `${alert} shows ${label}, which is summed away`);
      assert.ok(['page', 'ticket'].includes(labels['severity'] ?? ''), alert);
      assert.ok(annotations['summary'] && fs.existsSync(path.join(REPOSITORY, annotations['runbook'] ?? 'none')), alert);
    });
  }

  it('every pod that is scraped has the name that alerts tell services apart by', () => {
    for (const name of SERVICES) assert.equal(object('Deployment', name).spec.template.metadata.labels['app.kubernetes.io/name'], name);
  });
});

it('is rendered the same each time', async () => {
  assert.equal(await render(FOLDER), text);
});

it('kustomize refuses a file that is not there', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-kustomize-'));
  fs.writeFileSync(path.join(folder, 'kustomization.yaml'), 'resources: [gone.yaml]\n');
  await assert.rejects(render(folder), /gone\.yaml/);
  fs.rmSync(folder, { recursive: true });
});
