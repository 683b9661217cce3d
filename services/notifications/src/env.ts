import { migrateEnv, readEnv, sealRing, serviceEnv } from '@tael/platform/env';
import { z } from 'zod';

const base64url = (bytes: number) =>
  z
    .string()
    .refine(
      (text) => /^[\w-]+$/.test(text) && Buffer.from(text, 'base64url').length === bytes,
      `must be ${bytes} bytes in base64url`,
    );

/** Hosts to listen at that are every address of the machine, and none that a link could name. */
const EVERYWHERE = ['0.0.0.0', '::'];

const notificationsEnv = serviceEnv.safeExtend({
  /** Where mail is handed to, e.g. smtp://user:password@mail.example:587. */
  SMTP_URL: z.url({ protocol: /^smtps?$/ }),
  MAIL_FROM: z
    .string()
    .regex(/^([^<>\r\n]{1,80}<)?[^\s<>@]+@[^\s<>@]+>?$/, 'must be a mail address, with or without a name'),
  /** Who push services may turn to: a mailto: or https: address. */
  VAPID_SUBJECT: z.url({ protocol: /^(mailto|https)$/ }),
  VAPID_PUBLIC_KEY: base64url(65),
  VAPID_PRIVATE_KEY: base64url(32),
  /** Lets push subscriptions be plain http on loopback: for the embedded stack's own push service alone. */
  PUSH_ALLOW_HTTP: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
  /** Where the unsubscribe page of this service is reached from outside; its own address unless told. */
  UNSUBSCRIBE_URL: z.url().optional(),
}).superRefine((env, context) => {
  if (env.UNSUBSCRIBE_URL !== undefined || !EVERYWHERE.includes(env.HOST)) return;
  // Links in mails outlive a deployment: one to 0.0.0.0 never led anywhere.
  context.addIssue({ code: 'custom', path: ['UNSUBSCRIBE_URL'], message: `is needed where HOST, ${env.HOST}, is no address to reach` });
});

export type NotificationsEnv = z.output<typeof notificationsEnv>;

/** Reads the settings of notifications, or prints what is wrong with them and exits. */
export function readNotificationsEnv(source: NodeJS.ProcessEnv = process.env): NotificationsEnv {
  return readEnv(notificationsEnv, source);
}

/** Reads what bringing the database up to date needs. */
export function readMigrateEnv(source: NodeJS.ProcessEnv = process.env): z.output<typeof migrateEnv> {
  return readEnv(migrateEnv, source);
}

const sealsLeftEnv = z.object({ DATABASE_URL: z.url(), SEAL_KEYS: sealRing });

/** Reads what the count of rows under old keys needs. */
export function readSealsLeftEnv(source: NodeJS.ProcessEnv = process.env): z.output<typeof sealsLeftEnv> {
  return readEnv(sealsLeftEnv, source);
}
