import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { render } from '../checks/kustomize.mjs';
import { breachesOf, podsOf } from '../checks/pod-security.mjs';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
/** @type {any[]} */
const objects = parseAllDocuments(await render(FOLDER)).map((document) => document.toJS());
const pods = podsOf(objects);

describe('the namespace enforces the Pod Security Standard restricted', () => {
  it('and says so', () => {
    const { metadata } = objects.find(({ kind }) => kind === 'Namespace');
    assert.equal(metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted');
  });

  it('the pods of services and of both engines are known', () => {
    assert.deepEqual(pods.map(({ name }) => name).sort(), [
      'accounts', 'events-entity-operator', 'events-nodes', 'gateway', 'ledger', 'merchants', 'notifications', 'platform', 'rewards',
    ]);
    const containers = pods.flatMap(({ pod }) => [...(pod.initContainers ?? []), ...pod.containers].map(({ name }) => name));
    for (const name of ['migrations', 'kafka', 'kafka-init', 'topic-operator', 'user-operator', 'postgres']) assert.ok(containers.includes(name), name);
  });

  for (const { name, pod } of pods) {
    it(`${name} is let in`, () => assert.deepEqual(breachesOf(pod), []));
  }

  it("the brokers' volumes belong to the group that they run as: what we say of a pod stands in place of all that Strimzi would", () => {
    const pool = objects.find(({ kind }) => kind === 'KafkaNodePool');
    assert.equal(pool.spec.template.pod.securityContext.fsGroup, 0);
  });
});

describe('the check itself', () => {
  const good = {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name: 'c', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
  };
  /** @param {object} context */
  const container = (context) => ({ ...good, containers: [{ name: 'c', securityContext: { ...good.containers[0]?.securityContext, ...context } }] });

  it('lets in what is as it should be', () => assert.deepEqual(breachesOf(good), []));

  for (const [what, pod, breaches] of /** @type {[string, any, string[]][]} */ ([
    ['without any context', { containers: [{ name: 'c' }] }, ['c may rise', 'c keeps capabilities', 'c is not kept from running as root', 'c has no seccomp profile']],
    ['whose containers may rise', container({ allowPrivilegeEscalation: undefined }), ['c may rise']],
    ['with capabilities left', container({ capabilities: { drop: ['NET_RAW'] } }), ['c keeps capabilities']],
    ['with capabilities more', container({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }), ['c adds capabilities']],
    ['one container of which is root again', container({ runAsNonRoot: false }), ['c may run as root', 'c is not kept from running as root']],
    ['of user 0', container({ runAsUser: 0 }), ['c runs as user 0']],
    ['without seccomp', container({ seccompProfile: { type: 'Unconfined' } }), ['c has seccomp Unconfined']],
    ['that is privileged', container({ privileged: true }), ['c is privileged']],
    ["with the host's network", { ...good, hostNetwork: true }, ['hostNetwork']],
    ["with a folder of the host", { ...good, volumes: [{ name: 'v', hostPath: { path: '/' } }] }, ['the volume v is a hostPath']],
    ['with a first container that was forgotten', { ...good, initContainers: [{ name: 'i' }] }, ['i may rise', 'i keeps capabilities']],
  ])) {
    it(`refuses a pod ${what}`, () => assert.deepEqual(breachesOf(pod), breaches));
  }

  it('wants to be told of each kind whether it makes pods', () => assert.throws(() => podsOf([{ kind: 'StatefulSet' }]), /StatefulSet/));
});
