import { createTransport, type Transporter } from 'nodemailer';
import type { HandOff } from '../deliveries/delivery.domain';
import { writeMail } from '../templates/render';
import type { ChannelPort, OutgoingNotification } from './channel.port';

export interface MailSettings {
  readonly smtpUrl: string;
  /** An address, with or without a name. */
  readonly from: string;
  /** Gives where a person stops offers: the page, and the target of RFC 8058's one click. */
  readonly unsubscribeUrl: (personId: string) => Promise<string>;
}

interface SmtpFault {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

const CONNECTIONS_MAX = 5;

/**
 * Says what an SMTP fault means: an answer of the server decides (4yz later, 5yz never). Without one, it depends on
 * how far the mail had come: before its text was sent nothing was taken, after that nobody knows.
 */
export function mailFault(fault: SmtpFault): HandOff {
  const reason = `SMTP ${fault.responseCode ?? fault.code ?? 'FAULT'}`;
  if (fault.responseCode && fault.responseCode >= 500) return { kind: 'REJECTED', reason };
  if (fault.responseCode && fault.responseCode >= 400) return { kind: 'BUSY', reason };
  if (fault.code === 'EENVELOPE' || fault.code === 'EMESSAGE') return { kind: 'REJECTED', reason };
  const before = ['CONN', 'EHLO', 'HELO', 'STARTTLS', 'AUTH', 'MAIL FROM', 'RCPT TO', 'API'];
  const early = ['EDNS', 'ECONNREFUSED', 'ETLS', 'EAUTH', 'EHOSTUNREACH'].includes(fault.code ?? '');
  if (early || before.some((command) => fault.command?.startsWith(command))) return { kind: 'BUSY', reason };
  return { kind: 'UNKNOWN', reason };
}

/**
 * Mail over SMTP. The Message-ID is the message's own, so that a mail that is sent again can be told from a new
 * one.
 */
export class MailChannel implements ChannelPort {
  private readonly transport: Transporter;
  private readonly domain: string;

  constructor(private readonly settings: MailSettings) {
    this.domain = settings.from.replace(/^.*@/, '').replace(/>\s*$/, '');
    this.transport = createTransport({
      url: settings.smtpUrl,
      pool: true,
      maxConnections: CONNECTIONS_MAX,
      connectionTimeout: 5_000,
      greetingTimeout: 5_000,
      socketTimeout: 15_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    } as never);
  }

  async send(notification: OutgoingNotification): Promise<HandOff> {
    const { person } = notification;
    const messageId = `<${notification.id}@${this.domain}>`;
    const offer = notification.class === 'MARKETING';
    const unsubscribe = offer ? await this.settings.unsubscribeUrl(person.id) : null;
    const headers: Record<string, string> = { 'Auto-Submitted': 'auto-generated', 'X-Tael-Topic': notification.topic };
    if (unsubscribe) {
      headers['List-Unsubscribe'] = `<${unsubscribe}>`;
      headers['List-Unsubscribe-Post'] = 'List-Unsubscribe=One-Click';
    }
    try {
      await this.transport.sendMail({
        from: this.settings.from,
        to: { name: person.displayName, address: person.email },
        subject: notification.title,
        text: writeMail(notification, person.displayName, unsubscribe),
        messageId,
        headers,
      });
      return { kind: 'HANDED_OFF', providerId: messageId };
    } catch (error) {
      return mailFault(error as SmtpFault);
    }
  }

  close(): void {
    this.transport.close();
  }
}
