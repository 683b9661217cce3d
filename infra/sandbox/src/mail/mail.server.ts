import type { Logger } from '@tael/platform/log';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { FaultMode, Faults } from '../faults';
import type { MessageStore } from '../messages/message.store';

export interface MailServer {
  readonly port: number;
  stop(): Promise<void>;
}

const MAIL_BYTES_MAX = 1024 * 1024;

class SmtpRefusal extends Error {
  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

function refusalOf(fault: FaultMode | undefined): SmtpRefusal | null {
  if (fault === 'fail') return new SmtpRefusal(451, 'Try again later');
  if (fault === 'reject') return new SmtpRefusal(550, 'No such mailbox');
  return null;
}

/** Starts an SMTP server that takes every mail and keeps it as messages, one a recipient. */
export async function startMailServer(options: {
  host: string;
  port: number;
  store: MessageStore;
  faults: Faults;
  log: Logger;
}): Promise<MailServer> {
  const { store, faults, log } = options;
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    banner: 'Tael sandbox',
    size: MAIL_BYTES_MAX,
    logger: false,
    onMailFrom: (_address, _session, done) => {
      void faults.take('mail').then((fault) => done(refusalOf(fault)));
    },
    onData: (stream, session, done) => {
      const recipients = session.envelope.rcptTo.map((entry) => entry.address);
      const sender = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
      keep(store, { stream, recipients, sender }).then(
        () => done(stream.sizeExceeded ? new SmtpRefusal(552, 'Too large') : null),
        (error: unknown) => {
          log.error({ error }, 'a mail was not kept');
          done(new SmtpRefusal(451, 'Not kept, try again later'));
        },
      );
    },
  });
  // A client that hangs up in the middle of a mail is no fault of the server.
  smtp.on('error', (error) => log.debug({ error }, 'an SMTP connection broke'));
  await new Promise<void>((resolve, reject) => {
    smtp.server.once('error', reject);
    smtp.listen(options.port, options.host, resolve);
  });
  return {
    port: (smtp.server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => smtp.close(() => resolve())),
  };
}

interface Incoming {
  readonly stream: Parameters<NonNullable<ConstructorParameters<typeof SMTPServer>[0]>['onData'] & {}>[0];
  readonly recipients: readonly string[];
  readonly sender: string;
}

// The mail is kept as it came, and read when somebody wants to see it: most are never looked at.
async function keep(store: MessageStore, { stream, recipients, sender }: Incoming): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  if (stream.sizeExceeded) return;
  const raw = Buffer.concat(chunks);
  await store.add(recipients.map((recipient) => ({ channel: 'mail', recipient: recipient.toLowerCase(), sender, raw })));
}
