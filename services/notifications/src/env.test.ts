import { randomBytes } from 'node:crypto';
import { readNotificationsEnv } from './env';

const SETTINGS = {
  PORT: '8080',
  DATABASE_URL: 'postgres://notifications@db/notifications',
  EVENT_BUS: 'kafka',
  KAFKA_BROKERS: 'kafka:9092',
  IDENTITY_KEYS: `first:${randomBytes(32).toString('base64')}`,
  SEAL_KEYS: `first:${randomBytes(32).toString('base64')}`,
  SMTP_URL: 'smtp://mail:25',
  MAIL_FROM: 'Tael <no-reply@tael.example>',
  VAPID_SUBJECT: 'mailto:push@tael.example',
  VAPID_PUBLIC_KEY: randomBytes(65).toString('base64url'),
  VAPID_PRIVATE_KEY: randomBytes(32).toString('base64url'),
};

/** What is said of settings that are refused; null where they are taken. */
function refusalOf(settings: Record<string, string>): string | null {
  const exit = jest.spyOn(process, 'exit').mockImplementation((() => {
    throw new Error('exit');
  }) as never);
  let said = '';
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((said += String(text)), true));
  try {
    readNotificationsEnv({ ...SETTINGS, ...settings });
    return null;
  } catch {
    return said;
  } finally {
    exit.mockRestore();
    stderr.mockRestore();
  }
}

describe('where the link that stops offers leads', () => {
  test.each<[string, Record<string, string>, RegExp | null]>([
    ['its own address, where that can be reached', { HOST: '127.0.0.1' }, null],
    ['an address that is told', { HOST: '0.0.0.0', UNSUBSCRIBE_URL: 'https://api.tael.example/unsubscribe' }, null],
    ['nowhere, where it listens everywhere and is told none', { HOST: '0.0.0.0' }, /UNSUBSCRIBE_URL.*is needed/],
    ['nowhere, by the other name of everywhere', { HOST: '::' }, /UNSUBSCRIBE_URL.*is needed/],
    ['nowhere, where what is told is no address', { UNSUBSCRIBE_URL: '/unsubscribe' }, /UNSUBSCRIBE_URL/],
  ])('%s', (_what, settings, wanted) => {
    const said = refusalOf(settings);
    if (wanted) expect(said).toMatch(wanted);
    else expect(said).toBeNull();
  });
});
