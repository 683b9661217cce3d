import { simpleParser } from 'mailparser';

/** A mail as a person reads it. */
export interface ReadMail {
  readonly sender: string;
  readonly subject: string;
  readonly body: string;
  readonly html: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads a mail as it came over SMTP; `sender` is who its envelope names, for a mail that does not. */
export async function readMail(raw: Buffer, sender: string): Promise<ReadMail> {
  const mail = await simpleParser(raw);
  return {
    sender: mail.from?.text || sender,
    subject: mail.subject ?? '',
    body: mail.text ?? '',
    html: mail.html || null,
    headers: Object.fromEntries(mail.headerLines.map(({ key, line }) => [key, line.slice(key.length + 1).trim()])),
  };
}
