import pino from 'pino';
import { serializeError } from './error.serializer';

export type Logger = pino.Logger;

// Names under which personal data or a secret could be handed to the log by mistake. What is logged on purpose is ids.
const SECRET = [
  'password', 'accessToken', 'refreshToken', 'token', 'authorization', 'cookie', 'number', 'securityCode', 'holderName',
  'email', 'recipientEmail', 'displayName', 'phone', 'variables', 'secret',
];

/** Makes the logger of a process: JSON lines on stdout, times in ISO, secrets and personal data cut out by name. */
export function createLogger(options: { service: string; level?: string; destination?: pino.DestinationStream }): Logger {
  const settings: pino.LoggerOptions = {
    level: options.level ?? 'info',
    base: { service: options.service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[cut]' },
    serializers: { error: (error: unknown) => serializeError(error), err: (error: unknown) => serializeError(error) },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
