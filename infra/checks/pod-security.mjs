/**
 * What the Pod Security Standard `restricted` refuses, as Kubernetes' own admission would: https://kubernetes.io/docs/concepts/security/pod-security-standards/.
 * The pods of operators are looked at too: nobody sees those before a cluster does.
 */

const VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];
const PROFILES = ['RuntimeDefault', 'Localhost'];
const SELINUX = [undefined, '', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];
const SYSCTLS = [
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes',
];

/**
 * Why a pod would be refused; nothing where it is let in.
 * @param {any} pod the spec of a pod
 * @returns {string[]}
 */
export function breachesOf(pod) {
  const context = pod.securityContext ?? {};
  const containers = [...(pod.initContainers ?? []), ...pod.containers, ...(pod.ephemeralContainers ?? [])];
  return [
    ...['hostNetwork', 'hostPID', 'hostIPC'].filter((name) => pod[name]),
    ...(pod.volumes ?? []).flatMap((/** @type {any} */ volume) => Object.keys(volume).filter((kind) => kind !== 'name' && !VOLUMES.includes(kind))
      .map((kind) => `the volume ${volume.name} is a ${kind}`)),
    ...(context.sysctls ?? []).filter((/** @type {any} */ { name }) => !SYSCTLS.includes(name)).map((/** @type {any} */ { name }) => `sysctl ${name}`),
    ...identityBreaches('the pod', context),
    ...containers.flatMap((container) => containerBreaches(container, context)),
  ];
}

/**
 * What neither a pod nor a container may say for itself.
 * @param {string} who
 * @param {any} context
 */
function identityBreaches(who, context) {
  const { seLinuxOptions = {}, windowsOptions, runAsUser, runAsNonRoot, seccompProfile } = context;
  return [
    [runAsUser === 0, 'runs as user 0'],
    [runAsNonRoot === false, 'may run as root'],
    [seccompProfile && !PROFILES.includes(seccompProfile.type), `has seccomp ${seccompProfile?.type}`],
    [windowsOptions?.hostProcess, 'is a process of the host'],
    [!SELINUX.includes(seLinuxOptions.type) || seLinuxOptions.user || seLinuxOptions.role, 'has SELinux options of its own'],
  ].flatMap(([is, what]) => (is ? [`${who} ${what}`] : []));
}

/**
 * @param {any} container
 * @param {any} podContext
 */
function containerBreaches({ name, securityContext: context = {}, ports = [] }, podContext) {
  const { add = [], drop = [] } = context.capabilities ?? {};
  return [
    ...identityBreaches(name, context),
    ...[
      [context.privileged, 'is privileged'],
      [context.allowPrivilegeEscalation !== false, 'may rise'],
      [!drop.includes('ALL'), 'keeps capabilities'],
      [add.some((/** @type {string} */ capability) => capability !== 'NET_BIND_SERVICE'), 'adds capabilities'],
      [(context.runAsNonRoot ?? podContext.runAsNonRoot) !== true, 'is not kept from running as root'],
      [!(context.seccompProfile ?? podContext.seccompProfile), 'has no seccomp profile'],
      [!['Default', undefined].includes(context.procMount), 'sees all of /proc'],
      [ports.some((/** @type {any} */ { hostPort }) => hostPort), 'has a port of the host'],
    ].flatMap(([is, what]) => (is ? [`${name} ${what}`] : [])),
  ];
}

/** Kinds that make no pod. A kind that is in neither list has not been thought about. */
const WITHOUT_PODS = [
  'ConfigMap', 'Database', 'HorizontalPodAutoscaler', 'Ingress', 'KafkaTopic', 'KafkaUser', 'Namespace', 'NetworkPolicy', 'ObjectStore', 'PodDisruptionBudget',
  'PodMonitor', 'PrometheusRule', 'ScheduledBackup', 'Service', 'ServiceAccount',
];

/** @type {Record<string, (object: any, objects: any[]) => { name: string, pod: any }[]>} */
const PODS_OF = {
  Deployment: ({ metadata, spec }) => [{ name: metadata.name, pod: spec.template.spec }],
  Job: ({ metadata, spec }) => [{ name: metadata.name, pod: spec.template.spec }],
  CronJob: ({ metadata, spec }) => [{ name: metadata.name, pod: spec.jobTemplate.spec.template.spec }],
  Kafka: kafkaPods,
  KafkaNodePool: poolPods,
  Cluster: postgresPods,
};

/**
 * The pods that rendered objects lead to.
 * @param {any[]} objects
 */
export function podsOf(objects) {
  return objects.filter(({ kind }) => !WITHOUT_PODS.includes(kind)).flatMap((object) => {
    const pods = PODS_OF[object.kind];
    if (!pods) throw new Error(`does a ${object.kind} make pods? infra/checks/pod-security.mjs does not know`);
    return pods(object, objects);
  });
}

/**
 * A pod as Strimzi makes it under its setting `baseline`, which is what it has unless told: nothing but what the template says.
 * @param {string} name
 * @param {any} template
 * @param {Record<string, string>} containers their names, by those of their templates
 */
const strimziPod = (name, template, containers) => ({
  name,
  pod: {
    securityContext: template?.pod?.securityContext,
    containers: Object.entries(containers).map(([key, container]) => ({ name: container, securityContext: template?.[key]?.securityContext })),
  },
});

/** @param {any} kafka */
function kafkaPods({ metadata: { name }, spec: { entityOperator, kafkaExporter, cruiseControl } }) {
  const operators = {
    ...(entityOperator?.topicOperator && { topicOperatorContainer: 'topic-operator' }),
    ...(entityOperator?.userOperator && { userOperatorContainer: 'user-operator' }),
  };
  return [
    ...(entityOperator ? [strimziPod(`${name}-entity-operator`, entityOperator.template, operators)] : []),
    ...(kafkaExporter ? [strimziPod(`${name}-kafka-exporter`, kafkaExporter.template, { container: 'kafka-exporter' })] : []),
    ...(cruiseControl ? [strimziPod(`${name}-cruise-control`, cruiseControl.template, { cruiseControlContainer: 'cruise-control' })] : []),
  ];
}

/**
 * What a pool says of a template stands in place of what its Kafka says, part by part.
 * @param {any} pool
 * @param {any[]} objects
 */
function poolPods({ metadata, spec }, objects) {
  const cluster = metadata.labels['strimzi.io/cluster'];
  const kafka = objects.find(({ kind, metadata: { name } }) => kind === 'Kafka' && name === cluster);
  const template = { ...kafka?.spec.kafka.template, ...spec.template };
  return [strimziPod(`${cluster}-${metadata.name}`, template, { kafkaContainer: 'kafka', initContainer: 'kafka-init' })];
}

/**
 * CloudNativePG makes the contexts of its pods and jobs itself, as `restricted` demands, but for what the cluster says otherwise. The sidecar of
 * the Barman Cloud plugin has the same, fixed.
 * @param {any} cluster
 */
function postgresPods({ metadata, spec }) {
  const seccompProfile = spec.seccompProfile ?? { type: 'RuntimeDefault' };
  const container = { seccompProfile, capabilities: { drop: ['ALL'] }, privileged: false, runAsNonRoot: true, allowPrivilegeEscalation: false };
  const pod = { runAsNonRoot: true, seccompProfile, ...spec.podSecurityContext };
  return [{ name: metadata.name, pod: { securityContext: pod, containers: [{ name: 'postgres', securityContext: { ...container, ...spec.securityContext } }] } }];
}
