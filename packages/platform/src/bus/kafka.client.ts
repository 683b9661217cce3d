import { type ISocketFactory, Kafka, logLevel, type logCreator } from 'kafkajs';
import type { Logger } from '../log';
import { keepHeartbeats } from './kafka.heartbeat';
import { calmRequestQueues } from './kafka.request-queue';

calmRequestQueues();
keepHeartbeats();

/** How a connection to a broker is kept from others, and says whose it is. */
export interface KafkaAccess {
  /** Without it connections are in clear. */
  readonly tls?: {
    /** Certificates in PEM; the public authorities unless told. */
    readonly authorities?: string;
  };
  /** Signs in by SCRAM-SHA-512. */
  readonly user?: { readonly name: string; readonly password: string };
}

export interface KafkaSettings extends KafkaAccess {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly log: Logger;
  /** How a connection is opened where plain TCP to the broker's own address is not the way. */
  readonly socketFactory?: ISocketFactory;
}

// kafkajs calls an ERROR what is everyday life of a cluster (a coordinator that is still loading, a group that is
// rebalancing). What matters comes back as a rejection or a crash, and is logged where it is handled.
const LEVELS: Record<number, 'debug' | 'trace'> = {
  [logLevel.ERROR]: 'debug',
  [logLevel.WARN]: 'debug',
  [logLevel.INFO]: 'trace',
  [logLevel.DEBUG]: 'trace',
};

const logTo = (log: Logger): logCreator => () => ({ level, namespace, log: entry }) => {
  const { message, error, groupId, retryCount } = entry as Record<string, unknown>;
  log[LEVELS[level] ?? 'trace']({ kafka: namespace, cause: error, group: groupId, retryCount }, String(message));
};

/** Makes a client whose connections and requests are bounded in time. */
export function kafkaClient(settings: KafkaSettings, bounds: { requestTimeout: number; retries: number }): Kafka {
  return new Kafka({
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    connectionTimeout: 1_500,
    authenticationTimeout: 2_000,
    requestTimeout: bounds.requestTimeout,
    enforceRequestTimeout: true,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: bounds.retries },
    logLevel: settings.log.isLevelEnabled('trace') ? logLevel.DEBUG : logLevel.WARN,
    logCreator: logTo(settings.log),
    ...(settings.tls ? { ssl: settings.tls.authorities === undefined ? true : { ca: [settings.tls.authorities] } } : {}),
    ...(settings.user ? { sasl: { mechanism: 'scram-sha-512', username: settings.user.name, password: settings.user.password } } : {}),
    ...(settings.socketFactory ? { socketFactory: settings.socketFactory } : {}),
  });
}
